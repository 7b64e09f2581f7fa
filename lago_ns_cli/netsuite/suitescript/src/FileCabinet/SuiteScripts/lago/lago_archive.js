/**
 * Keeps the original Lago JSON of a document in the File Cabinet, one file a document.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/file', 'N/runtime'], lagoArchive);

/**
 * What a catch clause of SuiteScript gets.
 *
 * @typedef {{name: string, message: string, stack?: unknown}} LagoThrown
 */

/**
 * @param {import('N/file')} file
 * @param {import('N/runtime')} runtime
 */
function lagoArchive(file, runtime) {
  // A file that the project deploys into the folder: files are created by the folder's id, which differs by account.
  const MARKER = 'SuiteScripts/lago/archive/about.txt';

  /** @type {number | null} */
  let folder = null;

  /**
   * @param {{name: string, content: string}} original
   * @returns {{code: string, message: string} | null} a notice where it failed: the record itself is saved by then
   */
  function store({ name, content }) {
    try {
      folder = folder ?? file.load({ id: MARKER }).folder;
      file.create({ name, fileType: file.Type.JSON, contents: content, folder }).save();
      return null;
    } catch (failure) {
      const thrown = /** @type {LagoThrown} */ (failure);
      return { code: 'LAGO_ARCHIVE_FAILED', message: `${thrown.name}: ${thrown.message}` };
    }
  }

  /**
   * @returns {{code: string, message: string} | null} why originals cannot be kept; null where they can
   */
  function check() {
    const { Permission } = runtime;
    if (runtime.getCurrentUser().getPermission({ name: 'LIST_FILECABINET' }) < Permission.EDIT) {
      return { code: 'INSUFFICIENT_PERMISSION', message: 'The role lacks Lists > Documents and Files (Edit).' };
    }
    try {
      file.load({ id: MARKER });
      return null;
    } catch (failure) {
      const thrown = /** @type {LagoThrown} */ (failure);
      return { code: thrown.name, message: `The folder of ${MARKER} cannot be opened: ${thrown.message}` };
    }
  }

  return { store, check };
}
