/**
 * Proves by trial whether the account refuses a repeated external id: writes a document twice under one key, without
 * looking first, and takes away what it made. Only in a sandbox, and only where the role may delete.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/error', 'N/record', 'N/runtime', './lago_access', './lago_checks', './lago_editor', './lago_queries'], lagoProbe);

/**
 * @param {import('N/error')} error
 * @param {import('N/record')} record
 * @param {import('N/runtime')} runtime
 * @param {ReturnType<typeof lagoAccess>} access
 * @param {ReturnType<typeof lagoChecks>} checks
 * @param {ReturnType<typeof lagoEditor>} editor
 * @param {ReturnType<typeof lagoQueries>} queries
 */
function lagoProbe(error, record, runtime, access, checks, editor, queries) {
  /** No document has such a key, so nothing but a trial is ever deleted. */
  const PREFIX = 'lago:probe:';
  /** Documents before the customers that they belong to. */
  const TYPES = ['invoice', 'customer'];

  /** @param {string} message */
  function notAllowed(message) {
    return error.create({ name: 'LAGO_PROBE_NOT_ALLOWED', message, notifyOff: true });
  }

  function requireLeave() {
    if (runtime.envType !== runtime.EnvType.SANDBOX) {
      throw notAllowed(`Trial records are made in a sandbox only; this account is of kind ${runtime.envType}.`);
    }
    const lacking = TYPES.filter((type) => !access.canDelete(type)).map((type) => access.deletion(type));
    if (lacking.length > 0) throw notAllowed(`The role could not take its trial records away again: it lacks ${lacking.join(' and ')}.`);
  }

  /**
   * @param {unknown} sent
   * @returns {LagoDocument[]}
   */
  function trials(sent) {
    const documents = Array.isArray(sent) ? sent.map(checks.checkShape) : [];
    const [first, second] = documents;
    const good = documents.length === 2 && first.type === second.type && first.key === second.key
      && TYPES.includes(first.type) && documents.every(({ action }) => action === 'create') && String(first.key).startsWith(PREFIX);
    if (good) return documents;
    throw notAllowed(`A trial is two new customers or two new invoices with one key that begins with ${PREFIX}.`);
  }

  /**
   * Saves two documents under one key. They differ in all else that an account may want to be unique.
   *
   * @param {unknown} sent two documents as `push` takes them, with the action create
   * @returns {{first: string, second: string | null, error: {code: string, message: string} | null}}
   */
  function make(sent) {
    requireLeave();
    const [one, other] = trials(sent);
    const save = (/** @type {LagoDocument} */ doc) => String(
      editor.build(doc, { externalid: doc.key }, new Map(), []).save({ ignoreMandatoryFields: false }));
    const first = save(one);
    try {
      return { first, second: save(other), error: null };
    } catch (failure) {
      const { name, message } = /** @type {LagoThrown} */ (failure);
      return { first, second: null, error: { code: name, message } };
    }
  }

  /**
   * Takes away whatever a trial left, by its keys.
   *
   * @param {unknown} keys by type
   */
  function clean(keys) {
    requireLeave();
    const named = /** @type {{[type: string]: unknown}} */ (keys ?? {});
    /** @type {string[]} */
    const deleted = [];
    for (const type of TYPES) {
      const key = named[type];
      if (typeof key !== 'string' || !key.startsWith(PREFIX)) continue;
      for (const found of queries.find(type, { keys: [key] }).filter((one) => one.key === key)) {
        record.delete({ type, id: found.id });
        deleted.push(found.id);
      }
    }
    return { deleted };
  }

  return { make, clean };
}
