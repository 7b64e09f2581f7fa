/**
 * What can be mapped: the lists of `describe`.
 *
 * A list that the role may not see, or that the account does not have, says so; the others still come.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/record', 'N/search', './lago_access', './lago_queries'], lagoCatalog);

/**
 * @typedef {{
 *   status: 'ok' | 'denied' | 'unavailable', error: {code: string, message: string} | null, rows: unknown[],
 *   cursor: string | null
 * }} LagoSection
 */

/**
 * @param {import('N/record')} record
 * @param {import('N/search')} search
 * @param {ReturnType<typeof lagoAccess>} access
 * @param {ReturnType<typeof lagoQueries>} queries
 */
function lagoCatalog(record, search, access, queries) {
  const ROWS_A_PAGE = 1000;
  const SUBLISTS = ['item', 'taxdetails', 'apply', 'addressbook', 'currency'];
  const DENIED = ['INSUFFICIENT_PERMISSION', 'PERMISSION_VIOLATION', 'INSUFFICIENT_FLD_PERMISSION'];

  /** @param {string | null} after */
  function items(after) {
    const { rows, cursor } = queries.catalogPage('items', after, ROWS_A_PAGE);
    const subsidiaries = access.features().subsidiaries
      ? queries.itemSubsidiaries(rows.map(({ id }) => String(id))) : new Map();
    return { rows: rows.map((row) => ({ ...row, subsidiaries: subsidiaries.get(String(row.id)) ?? [] })), cursor };
  }

  /** @param {string | null} after */
  function customFields(after) {
    const { rows, cursor } = queries.catalogPage('custom_fields', after, ROWS_A_PAGE);
    /** @type {[string, {body: Set<string>, item: Set<string>}][]} */
    const fields = access.types.filter(access.canSee).map((type) => [type, access.fieldsOf(type)]);
    const typesWith = (/** @type {string} */ field) => fields
      .filter(([, { body, item }]) => body.has(field) || item.has(field)).map(([type]) => type);
    return { rows: rows.map((row) => ({ ...row, record_types: typesWith(String(row.id)) })), cursor };
  }

  function savedSearches() {
    /** @type {unknown[]} */
    const rows = [];
    const pages = search.create({
      type: search.Type.SAVED_SEARCH, columns: [search.createColumn({ name: 'internalid', sort: search.Sort.ASC }), 'id', 'title', 'recordtype'],
    }).runPaged({ pageSize: ROWS_A_PAGE });
    for (const range of pages.pageRanges) {
      for (const found of pages.fetch({ index: range.index }).data) {
        rows.push({
          id: String(found.getValue({ name: 'id' }) || found.id), title: String(found.getValue({ name: 'title' })),
          type: String(found.getValue({ name: 'recordtype' })),
        });
      }
    }
    return { rows, cursor: null };
  }

  function recordFields() {
    const rows = access.types.filter(access.canSee).flatMap((type) => {
      const blank = record.create({ type, isDynamic: true });
      const sublists = blank.getSublists().filter((sublistId) => SUBLISTS.includes(sublistId));
      return [...bodyFields(type, blank), ...sublists.flatMap((sublistId) => lineFields(type, blank, sublistId))];
    });
    return { rows, cursor: null };
  }

  /**
   * @param {string} type
   * @param {import('N/record').Record} blank
   */
  function bodyFields(type, blank) {
    return blank.getFields().flatMap((fieldId) => fieldRow(type, null, blank.getField({ fieldId }), hasValue(blank, fieldId)));
  }

  /**
   * Whether a new record begins with a value in a field: a form fills it, so nobody else has to.
   *
   * @param {import('N/record').Record} blank
   * @param {string} fieldId
   */
  function hasValue(blank, fieldId) {
    try {
      const value = blank.getValue({ fieldId });
      return value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
    } catch (unreadable) {
      return false;
    }
  }

  /**
   * @param {string} type
   * @param {import('N/record').Record} blank
   * @param {string} sublistId
   */
  function lineFields(type, blank, sublistId) {
    return blank.getSublistFields({ sublistId })
      .flatMap((fieldId) => fieldRow(type, sublistId, blank.getSublist({ sublistId }).getColumn({ fieldId })));
  }

  /**
   * @param {string} type
   * @param {string | null} sublist
   * @param {{id: string, label: string, type: string, isMandatory: boolean} | null} field null where a form hides it
   * @param {boolean} [defaulted] a new record begins with a value in it
   */
  function fieldRow(type, sublist, field, defaulted = false) {
    if (!field) return [];
    const { id, label, type: kind, isMandatory } = field;
    return [{ record: type, sublist, id, label, type: kind, mandatory: isMandatory === true, defaulted }];
  }

  /** @type {{[section: string]: (after: string | null) => {rows: unknown[], cursor: string | null}}} */
  const SECTIONS = {
    ...Object.fromEntries(queries.catalogSections.map(
      (section) => [section, (/** @type {string | null} */ after) => queries.catalogPage(section, after, ROWS_A_PAGE)])),
    items, custom_fields: customFields, saved_searches: savedSearches, record_fields: recordFields,
  };

  /**
   * @param {string} section
   * @param {string | null} after
   * @returns {LagoSection}
   */
  function describe(section, after) {
    try {
      return { status: 'ok', error: null, ...SECTIONS[section](after) };
    } catch (thrown) {
      const { name, message } = /** @type {LagoThrown} */ (thrown);
      const status = DENIED.includes(name) || !access.canSeeSection(section) ? 'denied' : 'unavailable';
      return { status, error: { code: name, message }, rows: [], cursor: null };
    }
  }

  return { describe, sections: Object.keys(SECTIONS) };
}
