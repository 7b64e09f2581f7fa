/**
 * Which record a document is: what is there already under its key, its Lago id or its number, and whether it may be
 * taken for the document.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/record', './lago_access', './lago_checks', './lago_queries'], lagoIdentity);

/** @typedef {{code: string, message: string}} LagoNotice */

/**
 * @param {import('N/record')} record
 * @param {ReturnType<typeof lagoAccess>} access
 * @param {ReturnType<typeof lagoChecks>} checks
 * @param {ReturnType<typeof lagoQueries>} queries
 */
function lagoIdentity(record, access, checks, queries) {
  /** @param {string} type */
  function ourFieldNames(type) {
    return type === 'customer'
      ? { lagoId: 'custentity_lago_id', fingerprint: 'custentity_lago_fingerprint' }
      : { lagoId: 'custbody_lago_id', fingerprint: 'custbody_lago_fingerprint' };
  }

  /**
   * @param {LagoDocument} doc
   * @returns {LagoColumns}
   */
  function ourFields(doc) {
    const names = ourFieldNames(doc.type);
    /** @type {LagoColumns} */
    const values = {};
    if (doc.key) values.externalid = doc.key;
    if (doc.lago_id) values[names.lagoId] = doc.lago_id;
    if (doc.fingerprint) values[names.fingerprint] = doc.fingerprint;
    return values;
  }

  /** @param {string | null} key */
  function isOurs(key) {
    return key !== null && key.startsWith('lago:');
  }

  /** @param {string} type */
  function requireSight(type) {
    if (access.canSee(type)) return;
    throw checks.refusal('rejected', 'INSUFFICIENT_PERMISSION',
      `The role cannot see records of type ${type}, so whether the document is there already is unknown.`);
  }

  /**
   * The record that a document would repeat, if there is one that may be taken for it.
   *
   * @param {LagoDocument} doc
   * @param {Map<string, string>} references
   * @returns {{found: LagoRecordForm, complete: boolean} | null} complete: nothing of ours is missing on it
   */
  function existing(doc, references) {
    const number = doc.type === 'customer' ? '' : String(doc.columns.tranid ?? '');
    const rows = queries.find(doc.type, {
      keys: doc.key ? [doc.key] : [], lagoIds: doc.lago_id ? [doc.lago_id] : [],
      numbers: number === '' ? [] : [number],
    });
    const byKey = doc.key ? rows.find((row) => row.key === doc.key) : undefined;
    if (byKey) return takeByKey(doc, byKey, references);
    const byLagoId = doc.lago_id ? rows.filter((row) => row.lago_id === doc.lago_id) : [];
    if (byLagoId.length > 0) return { found: agreed(doc, byLagoId, references), complete: false };
    const foreign = rows.find((row) => number !== '' && row.number === number && !isOurs(row.key) && row.lago_id === null);
    if (!foreign) return null;
    throw checks.refusal('conflict', 'LAGO_NUMBER_TAKEN',
      `The number ${number} is on a ${doc.type} (id ${foreign.id}) that did not come from Lago.`, foreign);
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoRecordForm} found
   * @param {Map<string, string>} references
   */
  function takeByKey(doc, found, references) {
    if (!doc.fingerprint || found.fingerprint === doc.fingerprint) return { found, complete: true };
    if (found.fingerprint === null) return { found: agreed(doc, [found], references), complete: false };
    throw checks.refusal('conflict', 'LAGO_FINGERPRINT_DIFFERS',
      `${doc.key} is there already (id ${found.id}) and was made from other content.`, found);
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoRecordForm[]} candidates
   * @param {Map<string, string>} references
   */
  function agreed(doc, candidates, references) {
    const [found] = candidates;
    if (candidates.length > 1) {
      throw checks.refusal('conflict', 'LAGO_ADOPT_DIFFERS',
        `${candidates.length} records carry the Lago id ${doc.lago_id}: ids ${candidates.map(({ id }) => id).join(', ')}.`, found);
    }
    const different = checks.differences(doc, found, references);
    if (different.length === 0 && (!isOurs(found.key) || found.key === doc.key)) return found;
    throw checks.refusal('conflict', 'LAGO_ADOPT_DIFFERS',
      `The record with id ${found.id} cannot be taken for ${doc.key}: ${different.join('; ') || `its key is ${found.key}`}.`, found);
  }

  /**
   * Sets our own fields, and nothing else, on a record that somebody else made.
   *
   * @param {LagoDocument} doc
   * @param {LagoRecordForm} found
   * @returns {LagoNotice[]}
   */
  function markAsOurs(doc, found) {
    const { externalid, ...values } = ourFields(doc);
    if (found.key === null && externalid) {
      record.submitFields({ type: doc.type, id: found.id, values: { ...values, externalid } });
      return [];
    }
    record.submitFields({ type: doc.type, id: found.id, values });
    if (found.key === doc.key) return [];
    return [{ code: 'LAGO_FOREIGN_KEY_KEPT', message: `The record keeps its external id ${found.key}; ${doc.key} was not set.` }];
  }

  /**
   * The record that an action names, which must not belong to another document of ours.
   *
   * @param {LagoDocument} doc
   */
  function named(doc) {
    requireSight(doc.type);
    const rows = queries.find(doc.type, { ids: [String(doc.id)], keys: doc.key ? [doc.key] : [] });
    const found = rows.find((row) => row.id === doc.id);
    if (!found) throw checks.refusal('rejected', 'RCRD_DSNT_EXIST', `There is no ${doc.type} with the internal id ${doc.id}.`);
    const other = rows.find((row) => row.key === doc.key && row.id !== doc.id);
    const lagoIdDiffers = doc.lago_id && found.lago_id !== null && found.lago_id !== doc.lago_id;
    if (!other && !lagoIdDiffers && (!isOurs(found.key) || !doc.key || found.key === doc.key)) return found;
    throw checks.refusal('conflict', 'LAGO_LINKED_ELSEWHERE', other
      ? `${doc.key} is the key of another record (id ${other.id}).`
      : `The record with id ${found.id} belongs to ${found.key ?? found.lago_id}.`, other ?? found);
  }

  return { ourFields, requireSight, existing, agreed, markAsOurs, named };
}
