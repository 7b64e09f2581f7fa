/**
 * Keeps Lago's plans, coupons, taxes and other mappable objects as records of `customrecord_lago_object`.
 *
 * Each is found by its key; what is as it was sent before costs no write.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/record', 'N/runtime', 'N/log', './lago_access', './lago_queries'], lagoObjects);

/**
 * @typedef {{
 *   key: string, organization: string, kind: string, code: string, title: string, name: string | null,
 *   lago_id: string | null, fingerprint: string, json: string | null, inactive: boolean
 * }} LagoObject
 * @typedef {{key: string | null, outcome: string, id: string | null, error: {code: string, message: string} | null}} LagoStored
 */

/**
 * @param {import('N/record')} record
 * @param {import('N/runtime')} runtime
 * @param {import('N/log')} log
 * @param {ReturnType<typeof lagoAccess>} access
 * @param {ReturnType<typeof lagoQueries>} queries
 */
function lagoObjects(record, runtime, log, access, queries) {
  const TYPE = 'customrecord_lago_object';
  const TEXTS = ['key', 'organization', 'kind', 'code', 'title', 'fingerprint'];
  // The dearest object: create 2, save 4.
  const UNITS_PER_OBJECT = 6;
  const UNITS_RESERVED = 60;

  /** @param {LagoObject} object */
  function fieldsOf({ organization, kind, code, name, lago_id: lagoId, fingerprint, json }) {
    return {
      custrecord_lago_object_organization: organization, custrecord_lago_object_kind: kind, custrecord_lago_object_code: code,
      custrecord_lago_object_name: name, custrecord_lago_object_lago_id: lagoId, custrecord_lago_object_json: json,
      custrecord_lago_object_fingerprint: fingerprint,
    };
  }

  /** @param {LagoObject} object */
  function create(object) {
    const made = record.create({ type: TYPE });
    const values = { externalid: object.key, name: object.title, isinactive: object.inactive, ...fieldsOf(object) };
    for (const [fieldId, value] of Object.entries(values)) {
      if (value !== null) made.setValue({ fieldId, value });
    }
    return { outcome: 'created', id: String(made.save()) };
  }

  /**
   * @param {LagoObject} object
   * @param {{id: string, fingerprint: string | null, inactive: boolean}} present
   */
  function update(object, present) {
    if (present.fingerprint === object.fingerprint && present.inactive === object.inactive) {
      return { outcome: 'unchanged', id: present.id };
    }
    const values = { name: object.title, isinactive: object.inactive, ...fieldsOf(object) };
    record.submitFields({ type: TYPE, id: present.id, values });
    return { outcome: 'updated', id: present.id };
  }

  /** @param {any} object */
  function isWellFormed(object) {
    return object !== null && typeof object === 'object' && typeof object.inactive === 'boolean'
      && TEXTS.every((name) => typeof object[name] === 'string' && object[name] !== '');
  }

  /**
   * @param {unknown} sent
   * @param {string} outcome
   * @param {string} code
   * @param {string} message
   * @returns {LagoStored}
   */
  function unsaved(sent, outcome, code, message) {
    const key = sent !== null && typeof sent === 'object' ? /** @type {{key?: unknown}} */ (sent).key : null;
    return { key: typeof key === 'string' ? key : null, outcome, id: null, error: { code, message } };
  }

  /**
   * @param {any} sent
   * @param {ReturnType<typeof queries.lagoObjects>} present by key
   * @param {number} endsAt
   * @returns {LagoStored}
   */
  function storeOne(sent, present, endsAt) {
    if (!isWellFormed(sent)) return unsaved(sent, 'rejected', 'LAGO_BAD_OBJECT', `An object needs ${TEXTS.join(', ')} and inactive.`);
    if (runtime.getCurrentScript().getRemainingUsage() < UNITS_PER_OBJECT + UNITS_RESERVED) {
      return unsaved(sent, 'not_attempted', 'LAGO_OUT_OF_BUDGET', 'The call ran out of usage units.');
    }
    if (Date.now() >= endsAt) return unsaved(sent, 'not_attempted', 'LAGO_OUT_OF_BUDGET', 'The call ran out of time.');
    try {
      const found = present.get(sent.key.toLowerCase());
      const stored = found ? update(sent, found) : create(sent);
      present.set(sent.key.toLowerCase(), { id: stored.id, fingerprint: sent.fingerprint, inactive: sent.inactive });
      return { key: sent.key, ...stored, error: null };
    } catch (thrown) {
      const { name, message } = /** @type {LagoThrown} */ (thrown);
      log.error({ title: `Not stored: ${sent.key}`, details: { name, message } });
      return unsaved(sent, 'rejected', name || 'UNEXPECTED_ERROR', message || String(thrown));
    }
  }

  /**
   * @param {unknown[]} objects
   * @param {number} endsAt
   * @returns {LagoStored[]} one for each sent, in the same order
   */
  function store(objects, endsAt) {
    // Not seen would be taken for not there, and made a second time.
    if (!access.canSee('lago_object')) {
      return objects.map((sent) => unsaved(sent, 'rejected', 'INSUFFICIENT_PERMISSION', 'The role cannot see Lago objects.'));
    }
    const present = queries.lagoObjects(objects.filter(isWellFormed).map((sent) => /** @type {LagoObject} */ (sent).key));
    return objects.map((sent) => storeOne(sent, present, endsAt));
  }

  return { store };
}
