/**
 * What Advanced Revenue Management made of our invoice and memo lines: revenue elements, their plans, and what is planned.
 *
 * The tables exist only where the feature is on, and Oracle documents few of their columns; so the columns are tried one
 * by one, and the answer says which of them this account does not have.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/query', 'N/runtime', './lago_decimal'], lagoRevenue);

/**
 * @typedef {{
 *   id: string, kind: string | null, amount: string | null, start: string | null, end: string | null,
 *   planned: string | null, first: string | null, last: string | null
 * }} LagoRevenuePlan
 *
 * @typedef {{
 *   id: string, type: 'revenue', transaction: string | null, key: string | null, line_id: string | null,
 *   source: string | null, item: string | null, amount: string | null, start: string | null, end: string | null,
 *   plans: LagoRevenuePlan[]
 * }} LagoRevenueElement
 */

/**
 * @param {import('N/query')} query
 * @param {import('N/runtime')} runtime
 * @param {ReturnType<typeof lagoDecimal>} decimal
 */
function lagoRevenue(query, runtime, decimal) {
  /** What an element's row is made of; the first column of each list that the account has is read. */
  /** @type {{[name: string]: string[]}} */
  const ELEMENT = {
    reference: ['referenceid'], source: ['source'], item: ['item'],
    amount: ['discountedsalesamount', 'salesamount', 'amount'],
    start: ['revrecstartdate', 'startdate'], end: ['revrecenddate', 'enddate'], date: ['elementdate'],
  };
  /** @type {{[name: string]: string[]}} */
  const PLAN = {
    kind: ['revenueplantype'], amount: ['amount'], start: ['revrecstartdate', 'startdate'], end: ['revrecenddate', 'enddate'],
  };
  const AMOUNTS = ['amount'];
  const DATES = ['start', 'end'];
  const LINE_REFERENCE = /^TranLine_(\d+)$/;
  const SMALLEST_PAGE = 5;

  /** @typedef {{[column: string]: string | number | boolean | null}} Row */

  /**
   * @param {string} sql
   * @param {(string | number)[]} [params]
   */
  function all(sql, params = []) {
    const paged = query.runSuiteQLPaged({ query: sql, params, pageSize: 1000 });
    return paged.pageRanges.flatMap(
      (range) => /** @type {Row[]} */ (paged.fetch({ index: range.index }).data.asMappedResults()));
  }

  /**
   * @param {string} table
   * @param {string} column
   */
  function hasColumn(table, column) {
    try {
      query.runSuiteQL({ query: `SELECT x.${column} FROM ${table} x WHERE x.id = 0` });
      return true;
    } catch (unknown) {
      return false;
    }
  }

  /**
   * @param {string} table
   * @param {{[name: string]: string[]}} wanted
   */
  function columnsOf(table, wanted) {
    /** @type {{[name: string]: string}} */
    const found = {};
    for (const [name, candidates] of Object.entries(wanted)) {
      const column = candidates.find((candidate) => hasColumn(table, candidate));
      if (column !== undefined) found[name] = column;
    }
    return found;
  }

  /**
   * @param {{[name: string]: string}} columns
   * @param {string} alias
   */
  function selected(columns, alias) {
    return Object.entries(columns).map(([name, column]) => {
      const value = `${alias}.${column}`;
      if (AMOUNTS.includes(name)) return `TO_CHAR(${value}) AS ${name}_`;
      if (DATES.includes(name)) return `TO_CHAR(${value}, 'YYYY-MM-DD') AS ${name}_`;
      return `${value} AS ${name}_`;
    }).join(', ');
  }

  /** @param {unknown} value */
  function text(value) {
    return value === null || value === undefined || value === '' ? null : String(value);
  }

  /** @param {unknown} value */
  function money(value) {
    return text(value) === null ? null : decimal.format(decimal.parse(String(value)));
  }

  /** @param {(string | number)[]} values */
  const marks = (values) => values.map(() => '?').join(', ');

  /**
   * The lines that elements speak of, by the line's unique key.
   *
   * @param {string[]} keys
   * @returns {Map<string, Row>}
   */
  function linesOf(keys) {
    if (keys.length === 0) return new Map();
    const rows = all(`SELECT l.uniquekey, l.transaction AS transaction_, l.custcol_lago_line_id AS line_id, t.externalid
      FROM transactionline l JOIN transaction t ON t.id = l.transaction
      WHERE l.uniquekey IN (${marks(keys)}) ORDER BY l.uniquekey`, keys);
    return new Map(rows.map((row) => [String(row.uniquekey), row]));
  }

  /**
   * The plans of elements, with what is planned in periods.
   *
   * @param {string[]} elements
   * @returns {Map<string, LagoRevenuePlan[]>}
   */
  function plansOf(elements) {
    /** @type {Map<string, LagoRevenuePlan[]>} */
    const plans = new Map();
    if (elements.length === 0) return plans;
    const columns = columnsOf('revenueplan', PLAN);
    const rows = all(`SELECT p.id, p.createdfrom, ${selected(columns, 'p') || 'p.id AS kind_'}
      FROM revenueplan p WHERE p.createdfrom IN (${marks(elements)}) ORDER BY p.id`, elements);
    const planned = plannedOf(rows.map((row) => String(row.id)));
    for (const row of rows) {
      const sums = planned.get(String(row.id));
      const element = String(row.createdfrom);
      plans.set(element, [...(plans.get(element) ?? []), {
        id: String(row.id), kind: columns.kind ? text(row.kind_) : null, amount: money(row.amount_), start: text(row.start_),
        end: text(row.end_), planned: money(sums?.amount), first: text(sums?.first_), last: text(sums?.last_),
      }]);
    }
    return plans;
  }

  /**
   * @param {string[]} plans
   * @returns {Map<string, Row>}
   */
  function plannedOf(plans) {
    if (plans.length === 0) return new Map();
    const rows = all(`SELECT r.revenueplan, TO_CHAR(SUM(r.amount)) AS amount,
        MIN(TO_CHAR(a.startdate, 'YYYY-MM-DD')) AS first_, MAX(TO_CHAR(a.enddate, 'YYYY-MM-DD')) AS last_
      FROM revenueplanplannedrevenue r JOIN accountingperiod a ON a.id = r.plannedperiod
      WHERE r.revenueplan IN (${marks(plans)}) GROUP BY r.revenueplan ORDER BY r.revenueplan`, plans);
    return new Map(rows.map((row) => [String(row.revenueplan), row]));
  }

  /**
   * @param {{from: string, to: string, after: string | null, limit: number}} window dates of the elements
   */
  function list({ from, to, after, limit }) {
    if (!runtime.isFeatureInEffect({ feature: 'ADVANCEDREVENUERECOGNITION' })) {
      return { status: 'off', rows: [], cursor: null, missing_columns: [] };
    }
    if (!hasColumn('revenueelement', 'id')) return { status: 'denied', rows: [], cursor: null, missing_columns: [] };
    const columns = columnsOf('revenueelement', ELEMENT);
    const inPeriod = columns.date ? `AND e.${columns.date} BETWEEN TO_DATE(?, 'YYYY-MM-DD') AND TO_DATE(?, 'YYYY-MM-DD')` : '';
    const paged = query.runSuiteQLPaged({
      query: `SELECT e.id, ${selected(columns, 'e') || 'e.id AS item_'} FROM revenueelement e WHERE e.id > ? ${inPeriod} ORDER BY e.id`,
      params: [Number(after ?? 0), ...(columns.date ? [from, to] : [])], pageSize: Math.max(limit, SMALLEST_PAGE),
    });
    const found = paged.count === 0 ? [] : /** @type {Row[]} */ (paged.fetch({ index: 0 }).data.asMappedResults());
    const rows = found.slice(0, limit);
    return {
      status: 'ok', rows: described(rows, columns), cursor: paged.count > limit ? String(rows[rows.length - 1].id) : null,
      missing_columns: Object.keys(ELEMENT).filter((name) => !columns[name]),
    };
  }

  /**
   * @param {Row[]} rows
   * @param {{[name: string]: string}} columns
   * @returns {LagoRevenueElement[]}
   */
  function described(rows, columns) {
    const keys = rows.map((row) => LINE_REFERENCE.exec(String(row.reference_))?.[1] ?? null);
    const lines = linesOf(/** @type {string[]} */ (keys.filter(Boolean)));
    const plans = plansOf(rows.map((row) => String(row.id)));
    return rows.map((row, index) => {
      const line = lines.get(String(keys[index]));
      return {
        id: String(row.id), type: 'revenue', transaction: text(line?.transaction_), key: text(line?.externalid),
        line_id: text(line?.line_id), source: text(row.source_), item: columns.item ? text(row.item_) : null,
        amount: money(row.amount_), start: text(row.start_), end: text(row.end_), plans: plans.get(String(row.id)) ?? [],
      };
    });
  }

  return { list };
}
