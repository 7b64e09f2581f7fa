/**
 * Keeps the original Lago JSON of a document in the File Cabinet, one file a document.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/file'], lagoArchive);

/**
 * What a catch clause of SuiteScript gets.
 *
 * @typedef {{name: string, message: string, stack?: unknown}} LagoThrown
 */

/** @param {import('N/file')} file */
function lagoArchive(file) {
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

  return { store };
}
