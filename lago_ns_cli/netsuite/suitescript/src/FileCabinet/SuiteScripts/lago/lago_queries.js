/**
 * Everything that is read by SuiteQL. No other file holds a query.
 *
 * Amounts are read through TO_CHAR, because a number in a result is a double.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/query', 'N/record', 'N/runtime', './lago_decimal'], lagoQueries);

/**
 * A record as `push`, `find` and `list` describe it; see "The record form" in the contract.
 *
 * @typedef {{
 *   id: string, type: string, key: string | null, lago_id: string | null, fingerprint: string | null,
 *   number: string | null, currency: string | null, subsidiary: string | null, last_modified: string | null,
 *   entity?: string | null, date?: string | null, period?: string | null, status?: string,
 *   total?: string, tax?: string, unpaid?: string, apply?: {id: string, amount: string}[],
 *   taxes?: {code: string, amount: string}[] | null, applied_by?: LagoApplied[] | null,
 *   name?: string, email?: string | null, inactive?: boolean, parent?: string | null, currencies?: string[] | null,
 *   subsidiaries?: string[], address?: LagoAddress | null
 * }} LagoRecordForm
 *
 * @typedef {{[part: string]: string | null}} LagoAddress by the names of the address form: addressee, addr1, city …
 *
 * @typedef {{id: string, type: string, key: string | null, number: string | null, amount: string}} LagoApplied
 * @typedef {{ids?: string[], keys?: string[], lagoIds?: string[], numbers?: string[]}} LagoWanted
 * @typedef {{[column: string]: string | number | boolean | null}} LagoRow
 * @typedef {{from: string, to: string, after: string | null, limit: number}} LagoWindow
 */

/**
 * @param {import('N/query')} query
 * @param {import('N/record')} record
 * @param {import('N/runtime')} runtime
 * @param {ReturnType<typeof lagoDecimal>} decimal
 */
function lagoQueries(query, record, runtime, decimal) {
  /** @type {{[type: string]: string}} */
  const TYPE_CODES = { invoice: 'CustInvc', creditmemo: 'CustCred', customerpayment: 'CustPymt' };

  /** @type {{[code: string]: string}} */
  const TYPES_BY_CODE = Object.fromEntries(Object.entries(TYPE_CODES).map(([type, code]) => [code, type]));

  /** @type {{[type: string]: {[letter: string]: string}}} */
  const STATUS_WORDS = {
    invoice: { A: 'open', B: 'paid_in_full', D: 'pending_approval', E: 'rejected', V: 'voided' },
    creditmemo: { A: 'open', B: 'paid_in_full', V: 'voided' },
    customerpayment: { V: 'voided' },
  };

  const DATE_TIME = `'YYYY-MM-DD"T"HH24:MI:SS'`;
  const SMALLEST_PAGE = 5;
  const LARGEST_PAGE = 1000;
  const CUSTOMERS_LOADED_AT_MOST = 25;

  /**
   * An account without subsidiaries has none of their columns and tables.
   *
   * @param {string} column
   */
  function inOneWorld(column) {
    return runtime.isFeatureInEffect({ feature: 'SUBSIDIARIES' }) ? column : 'NULL';
  }

  /**
   * @param {string} sql
   * @param {(string | number)[]} [params]
   * @returns {LagoRow[]}
   */
  function run(sql, params = []) {
    return /** @type {LagoRow[]} */ (query.runSuiteQL({ query: sql, params }).asMappedResults());
  }

  /**
   * Every row, where a query may pass the 5,000 rows at which an unpaged result is cut.
   *
   * @param {string} sql
   * @param {(string | number)[]} params
   */
  function runAll(sql, params) {
    const paged = query.runSuiteQLPaged({ query: sql, params, pageSize: LARGEST_PAGE });
    return paged.pageRanges.flatMap(
      (range) => /** @type {LagoRow[]} */ (paged.fetch({ index: range.index }).data.asMappedResults()));
  }

  /**
   * The first rows of a query that is ordered by a unique column.
   *
   * @param {string} sql
   * @param {(string | number)[]} params
   * @param {number} limit at most 1000
   */
  function firstPage(sql, params, limit) {
    const paged = query.runSuiteQLPaged({ query: sql, params, pageSize: Math.max(limit, SMALLEST_PAGE) });
    if (paged.count === 0) return { rows: [], more: false };
    const rows = /** @type {LagoRow[]} */ (paged.fetch({ index: 0 }).data.asMappedResults());
    return { rows: rows.slice(0, limit), more: paged.count > limit };
  }

  /** @param {unknown} value */
  function text(value) {
    return value === null || value === undefined || value === '' ? null : String(value);
  }

  /** @param {unknown} value an amount as TO_CHAR wrote it */
  function amount(value) {
    return decimal.parse(text(value) ?? '0');
  }

  /**
   * An OR of IN lists; the caller gives at least one value.
   *
   * @param {{[column: string]: string[] | undefined}} lists
   */
  function anyOf(lists) {
    /** @type {string[]} */
    const conditions = [];
    /** @type {string[]} */
    const params = [];
    for (const [column, values] of Object.entries(lists)) {
      if (!values || values.length === 0) continue;
      conditions.push(`${column} IN (${values.map(() => '?').join(', ')})`);
      params.push(...values);
    }
    return { condition: `(${conditions.join(' OR ')})`, params };
  }

  /**
   * @param {string} type
   * @param {string} condition
   */
  function transactionSql(type, condition) {
    const unpaid = type === 'invoice' ? 'foreignamountunpaid' : 'foreignpaymentamountunused';
    return `SELECT t.id, t.externalid, t.custbody_lago_id, t.custbody_lago_fingerprint, t.tranid, t.currency, t.entity,
        ${inOneWorld('m.subsidiary')} AS subsidiary, t.postingperiod, t.status, BUILTIN.DF(t.status) AS status_text, t.voided,
        TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate,
        TO_CHAR(t.lastmodifieddate, ${DATE_TIME}) AS last_modified,
        TO_CHAR(t.foreigntotal) AS total, TO_CHAR(t.${unpaid}) AS unpaid,
        (SELECT TO_CHAR(SUM(x.foreignamount)) FROM transactionline x
          WHERE x.transaction = t.id AND x.taxline = 'T') AS tax
      FROM transaction t
      JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'
      WHERE t.type = '${TYPE_CODES[type]}' AND ${condition}
      ORDER BY t.id`;
  }

  const PRIMARY_SUBSIDIARY = `(SELECT r.subsidiary FROM customersubsidiaryrelationship r
      WHERE r.entity = c.id AND r.isprimarysub = 'T')`;

  /** @param {string} condition */
  function customerSql(condition) {
    return `SELECT c.id, c.externalid, c.custentity_lago_id, c.custentity_lago_fingerprint, c.entityid, c.isperson,
        c.companyname, c.firstname, c.lastname, c.email, c.currency, c.parent, c.isinactive,
        ${inOneWorld(PRIMARY_SUBSIDIARY)} AS subsidiary,
        TO_CHAR(c.lastmodifieddate, ${DATE_TIME}) AS last_modified
      FROM customer c WHERE ${condition} ORDER BY c.id`;
  }

  /**
   * @param {string} type
   * @param {LagoRow} row
   */
  function statusOf(type, row) {
    if (row.voided === 'T') return 'voided';
    const letter = String(row.status).split(':').pop() || '';
    return STATUS_WORDS[type][letter] ?? String(row.status_text ?? row.status);
  }

  /**
   * @param {string} type
   * @param {LagoRow} row
   * @returns {LagoRecordForm}
   */
  function transactionForm(type, row) {
    const total = amount(row.total);
    const tax = amount(row.tax);
    const unpaid = amount(row.unpaid);
    // NetSuite books a sale's lines, its tax among them, as credits; memos and payments carry the opposite sign.
    const absolute = (/** @type {bigint} */ value) => decimal.format(value < 0n ? -value : value);
    return {
      id: String(row.id), type, key: text(row.externalid), lago_id: text(row.custbody_lago_id),
      fingerprint: text(row.custbody_lago_fingerprint), number: text(row.tranid), currency: text(row.currency),
      subsidiary: text(row.subsidiary), last_modified: text(row.last_modified), entity: text(row.entity),
      date: text(row.trandate), period: text(row.postingperiod), status: statusOf(type, row),
      total: type === 'invoice' ? decimal.format(total) : absolute(total),
      tax: decimal.format(type === 'invoice' ? -tax : tax),
      unpaid: type === 'invoice' ? decimal.format(unpaid) : absolute(unpaid),
    };
  }

  /**
   * @param {LagoRow} row
   * @param {Map<string, string[]> | null} currencies by customer
   * @returns {LagoRecordForm}
   */
  function customerForm(row, currencies) {
    const person = [row.firstname, row.lastname].map(text).filter(Boolean).join(' ');
    const primary = text(row.currency);
    return {
      id: String(row.id), type: 'customer', key: text(row.externalid), lago_id: text(row.custentity_lago_id),
      fingerprint: text(row.custentity_lago_fingerprint), number: text(row.entityid), currency: primary,
      subsidiary: text(row.subsidiary), last_modified: text(row.last_modified),
      name: (row.isperson === 'T' ? person || text(row.companyname) : text(row.companyname)) || '',
      email: text(row.email), inactive: row.isinactive === 'T', parent: text(row.parent),
      currencies: currencies && [...new Set([...(primary ? [primary] : []), ...(currencies.get(String(row.id)) ?? [])])],
    };
  }

  /** @param {LagoRow[]} rows customers */
  function customerForms(rows) {
    const currencies = currenciesOf(rows.map((row) => String(row.id)));
    return rows.map((row) => customerForm(row, currencies));
  }

  /**
   * The subsidiaries of customers; none where the account has no subsidiaries.
   *
   * @param {string[]} customers
   * @returns {Map<string, string[]>}
   */
  function subsidiariesOf(customers) {
    /** @type {Map<string, string[]>} */
    const subsidiaries = new Map();
    if (customers.length === 0 || !runtime.isFeatureInEffect({ feature: 'SUBSIDIARIES' })) return subsidiaries;
    const wanted = anyOf({ 'r.entity': customers });
    const sql = `SELECT r.entity, r.subsidiary FROM customersubsidiaryrelationship r
      WHERE ${wanted.condition} ORDER BY r.entity, r.subsidiary`;
    for (const row of runAll(sql, wanted.params)) {
      const customer = String(row.entity);
      subsidiaries.set(customer, [...(subsidiaries.get(customer) ?? []), String(row.subsidiary)]);
    }
    return subsidiaries;
  }

  /**
   * The default billing addresses of customers.
   *
   * No help page of Oracle's names these tables; where one or a column is missing, the next spelling is tried.
   *
   * @param {string[]} customers
   * @returns {Map<string, LagoAddress> | null} null where the account does not tell; one without such an address is absent
   */
  function addressesOf(customers) {
    if (customers.length === 0) return new Map();
    for (const state of ['a.state', 'a.dropdownstate', 'NULL']) {
      try {
        return queriedAddresses(customers, state);
      } catch (unknownColumn) {
        continue;
      }
    }
    return null;
  }

  /**
   * @param {string[]} customers
   * @param {string} state the column of the state
   */
  function queriedAddresses(customers, state) {
    const wanted = anyOf({ 'b.entity': customers });
    const sql = `SELECT b.entity, a.addressee, a.attention, a.addr1, a.addr2, a.addr3, a.city, ${state} AS state, a.zip, a.country
      FROM customeraddressbook b JOIN customeraddressbookentityaddress a ON a.nkey = b.addressbookaddress
      WHERE b.defaultbilling = 'T' AND ${wanted.condition} ORDER BY b.entity`;
    return new Map(runAll(sql, wanted.params).map(({ entity, ...parts }) => [
      String(entity), Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, text(value)]))]));
  }

  /**
   * @param {string[]} customers
   * @returns {Map<string, string[]> | null} null where the account does not tell
   */
  function currenciesOf(customers) {
    if (customers.length === 0) return new Map();
    try {
      return queriedCurrencies(customers);
    } catch (unknownTable) {
      // The table's name is not documented. The records themselves tell, where they are few enough to load;
      // of more customers nothing is known then.
      if (customers.length > CUSTOMERS_LOADED_AT_MOST) return null;
      return new Map(customers.map((customer) => [customer, loadedCurrencies(customer)]));
    }
  }

  /** @param {string[]} customers */
  function queriedCurrencies(customers) {
    /** @type {Map<string, string[]>} */
    const currencies = new Map();
    const wanted = anyOf({ 'b.customer': customers });
    const sql = `SELECT b.customer, b.currency FROM customercurrencybalance b
      WHERE ${wanted.condition} ORDER BY b.customer, b.currency`;
    for (const row of runAll(sql, wanted.params)) {
      const customer = String(row.customer);
      currencies.set(customer, [...(currencies.get(customer) ?? []), String(row.currency)]);
    }
    return currencies;
  }

  /** @param {string} customer */
  function loadedCurrencies(customer) {
    const sublistId = 'currency';
    const loaded = record.load({ type: 'customer', id: customer });
    return Array.from({ length: Math.max(0, loaded.getLineCount({ sublistId })) },
      (_, line) => String(loaded.getSublistValue({ sublistId, fieldId: 'currency', line })));
  }

  /**
   * The records of a type that carry any of the ids, keys, Lago ids or numbers.
   *
   * @param {string} type
   * @param {LagoWanted} wanted
   * @returns {LagoRecordForm[]}
   */
  function find(type, { ids = [], keys = [], lagoIds = [], numbers = [] }) {
    if (ids.length + keys.length + lagoIds.length + numbers.length === 0) return [];
    if (type === 'customer') {
      const { condition, params } = anyOf({
        'c.id': ids, 'c.externalid': keys, 'c.custentity_lago_id': lagoIds, 'c.entityid': numbers,
      });
      return customerForms(run(customerSql(condition), params));
    }
    const { condition, params } = anyOf({
      't.id': ids, 't.externalid': keys, 't.custbody_lago_id': lagoIds, 't.tranid': numbers,
    });
    return run(transactionSql(type, condition), params).map((row) => transactionForm(type, row));
  }

  /**
   * What memos and payments are applied to.
   *
   * @param {string[]} fromIds
   * @returns {Map<string, {id: string, amount: string}[]>} by the id of the memo or payment
   */
  function applications(fromIds) {
    /** @type {Map<string, {id: string, amount: string}[]>} */
    const found = new Map(fromIds.map((id) => [id, []]));
    if (fromIds.length === 0) return found;
    const wanted = anyOf({ 'l.nextdoc': fromIds });
    const sql = `SELECT l.nextdoc, l.previousdoc, TO_CHAR(SUM(l.foreignamount)) AS amount
      FROM previoustransactionlinelink l
      WHERE l.linktype = 'Payment' AND ${wanted.condition}
      GROUP BY l.nextdoc, l.previousdoc ORDER BY l.nextdoc, l.previousdoc`;
    for (const row of runAll(sql, wanted.params)) {
      found.get(String(row.nextdoc))?.push({ id: String(row.previousdoc), amount: decimal.format(amount(row.amount)) });
    }
    return found;
  }

  /**
   * The tax of documents by tax code; null where the account does not tell.
   *
   * The item of a tax line is its tax code. Under SuiteTax no document of Oracle's says so, hence the null.
   *
   * @param {string} type
   * @param {string[]} ids
   * @returns {Map<string, {code: string, amount: string}[]> | null} by document; one without tax lines is absent
   */
  function taxesOf(type, ids) {
    /** @type {Map<string, {code: string, amount: string}[]>} */
    const taxes = new Map();
    if (ids.length === 0) return taxes;
    const wanted = anyOf({ 'x.transaction': ids });
    const sql = `SELECT x.transaction, x.item AS code, TO_CHAR(SUM(x.foreignamount)) AS amount
      FROM transactionline x WHERE x.taxline = 'T' AND ${wanted.condition}
      GROUP BY x.transaction, x.item ORDER BY x.transaction, x.item`;
    try {
      for (const row of runAll(sql, wanted.params)) {
        if (text(row.code) === null) return null;
        const document = String(row.transaction);
        const signed = amount(row.amount);
        const tax = { code: String(row.code), amount: decimal.format(type === 'invoice' ? -signed : signed) };
        taxes.set(document, [...(taxes.get(document) ?? []), tax]);
      }
    } catch (unknownColumn) {
      return null;
    }
    return taxes;
  }

  /**
   * What was applied to invoices, and by which memos and payments.
   *
   * @param {string[]} invoices internal ids
   * @returns {Map<string, LagoApplied[]>} by invoice
   */
  function appliedTo(invoices) {
    /** @type {Map<string, LagoApplied[]>} */
    const found = new Map(invoices.map((id) => [id, []]));
    if (invoices.length === 0) return found;
    const wanted = anyOf({ 'l.previousdoc': invoices });
    const sql = `SELECT l.previousdoc, l.nextdoc, n.type, n.externalid, n.tranid, TO_CHAR(SUM(l.foreignamount)) AS amount
      FROM previoustransactionlinelink l JOIN transaction n ON n.id = l.nextdoc
      WHERE l.linktype = 'Payment' AND ${wanted.condition}
      GROUP BY l.previousdoc, l.nextdoc, n.type, n.externalid, n.tranid ORDER BY l.previousdoc, l.nextdoc`;
    for (const row of runAll(sql, wanted.params)) {
      found.get(String(row.previousdoc))?.push({
        id: String(row.nextdoc), type: TYPES_BY_CODE[String(row.type)] ?? String(row.type), key: text(row.externalid),
        number: text(row.tranid), amount: decimal.format(amount(row.amount)),
      });
    }
    return found;
  }

  /**
   * The A/R accounts that invoices are on: the account of the line that carries what the customer owes.
   *
   * @param {string[]} invoices internal ids
   * @returns {Map<string, string>} by invoice
   */
  function receivablesAccounts(invoices) {
    const wanted = anyOf({ 'm.transaction': invoices });
    const rows = run(`SELECT m.transaction, m.expenseaccount AS account FROM transactionline m
      WHERE m.mainline = 'T' AND m.expenseaccount IS NOT NULL AND ${wanted.condition} ORDER BY m.transaction`, wanted.params);
    return new Map(rows.map((row) => [String(row.transaction), String(row.account)]));
  }

  /**
   * Internal ids by key.
   *
   * @param {string} type
   * @param {string[]} keys
   * @returns {Map<string, string>}
   */
  function idsByKey(type, keys) {
    if (keys.length === 0) return new Map();
    const wanted = anyOf({ 'r.externalid': keys });
    const table = type === 'customer' ? 'customer r' : 'transaction r';
    const ofType = type === 'customer' ? '' : `r.type = '${TYPE_CODES[type]}' AND `;
    const rows = run(`SELECT r.id, r.externalid FROM ${table} WHERE ${ofType}${wanted.condition} ORDER BY r.id`, wanted.params);
    return new Map(rows.map((row) => [String(row.externalid), String(row.id)]));
  }

  /**
   * @param {string} type
   * @param {LagoWindow} window
   */
  function list(type, { from, to, after, limit }) {
    if (type === 'application') return listApplications({ from, to, after, limit });
    if (type === 'lago_object') return listLagoObjects({ after, limit });
    if (type === 'customer') {
      const period = `TO_CHAR(c.datecreated, 'YYYY-MM-DD') BETWEEN ? AND ? AND c.id > ?`;
      const { rows, more } = firstPage(customerSql(period), [from, to, Number(after ?? 0)], limit);
      return page(customerForms(rows), more);
    }
    const period = `t.trandate BETWEEN TO_DATE(?, 'YYYY-MM-DD') AND TO_DATE(?, 'YYYY-MM-DD') AND t.id > ?`;
    const { rows, more } = firstPage(transactionSql(type, period), [from, to, Number(after ?? 0)], limit);
    return page(rows.map((row) => transactionForm(type, row)), more);
  }

  /**
   * @param {LagoRecordForm[]} rows
   * @param {boolean} more
   */
  function page(rows, more) {
    return { rows, cursor: more ? rows[rows.length - 1].id : null };
  }

  /** @param {LagoWindow} window dates of the memos and payments */
  function listApplications({ from, to, after, limit }) {
    const [afterFrom, afterTo] = (after ?? '0:0').split(':').map(Number);
    const { rows, more } = firstPage(`SELECT l.nextdoc, n.type, l.previousdoc, TO_CHAR(SUM(l.foreignamount)) AS amount
      FROM previoustransactionlinelink l JOIN transaction n ON n.id = l.nextdoc
      WHERE l.linktype = 'Payment' AND n.type IN ('CustCred', 'CustPymt')
        AND n.trandate BETWEEN TO_DATE(?, 'YYYY-MM-DD') AND TO_DATE(?, 'YYYY-MM-DD')
        AND (l.nextdoc > ? OR (l.nextdoc = ? AND l.previousdoc > ?))
      GROUP BY l.nextdoc, n.type, l.previousdoc ORDER BY l.nextdoc, l.previousdoc`,
    [from, to, afterFrom, afterFrom, afterTo], limit);
    const applied = rows.map((row) => ({
      cursor_id: `${row.nextdoc}:${row.previousdoc}`, type: 'application', from_id: String(row.nextdoc),
      from_type: TYPES_BY_CODE[String(row.type)], to_id: String(row.previousdoc),
      amount: decimal.format(amount(row.amount)),
    }));
    return { rows: applied, cursor: more ? applied[applied.length - 1].cursor_id : null };
  }

  const OBJECTS_SQL = `SELECT o.id, o.externalid, o.isinactive, o.custrecord_lago_object_organization AS organization,
      o.custrecord_lago_object_kind AS kind, o.custrecord_lago_object_code AS code, o.custrecord_lago_object_name AS lago_name,
      o.custrecord_lago_object_lago_id AS lago_id, o.custrecord_lago_object_fingerprint AS fingerprint
    FROM customrecord_lago_object o`;

  /** @param {{after: string | null, limit: number}} page every one, whenever it was made */
  function listLagoObjects({ after, limit }) {
    const { rows, more } = firstPage(`${OBJECTS_SQL} WHERE o.id > ? ORDER BY o.id`, [Number(after ?? 0)], limit);
    const objects = rows.map((row) => ({
      id: String(row.id), type: 'lago_object', key: text(row.externalid), organization: text(row.organization),
      kind: text(row.kind), code: text(row.code), name: text(row.lago_name), lago_id: text(row.lago_id),
      fingerprint: text(row.fingerprint), inactive: row.isinactive === 'T',
    }));
    return { rows: objects, cursor: more ? objects[objects.length - 1].id : null };
  }

  /**
   * The Lago objects that are there already.
   *
   * @param {string[]} keys
   * @returns {Map<string, {id: string, fingerprint: string | null, inactive: boolean}>} by key in lower case, as NetSuite compares it
   */
  function lagoObjects(keys) {
    if (keys.length === 0) return new Map();
    const wanted = anyOf({ 'o.externalid': keys });
    const rows = runAll(`${OBJECTS_SQL} WHERE ${wanted.condition} ORDER BY o.id`, wanted.params);
    return new Map(rows.map((row) => [String(row.externalid).toLowerCase(), {
      id: String(row.id), fingerprint: text(row.fingerprint), inactive: row.isinactive === 'T',
    }]));
  }

  /** @param {number} id */
  function roleName(id) {
    return text(run('SELECT r.name FROM role r WHERE r.id = ?', [id])[0]?.name);
  }

  /** @param {string} column */
  const flag = (column) => (/** @type {LagoRow} */ row) => row[column] === 'T';
  /** @param {string} column */
  const id = (column) => (/** @type {LagoRow} */ row) => text(row[column]);

  /**
   * The lists of `describe` that are one query each: the table, its unique column, and how a row reads.
   *
   * @type {{[section: string]: {sql: string, unique: string, fields: {[name: string]: (row: LagoRow) => unknown}}}}
   */
  const CATALOG = {
    items: {
      sql: `SELECT i.id, i.itemid, i.itemtype, i.isinactive, BUILTIN.DF(i.revenuerecognitionrule) AS recognition FROM item i`,
      unique: 'i.id',
      fields: {
        id: id('id'), name: id('itemid'), type: id('itemtype'), inactive: flag('isinactive'), recognition: id('recognition'),
      },
    },
    tax_codes: {
      sql: `SELECT c.id, c.itemid, TO_CHAR(c.rate) AS rate, c.taxtype, y.nexus, c.isinactive
        FROM salestaxitem c LEFT JOIN taxtype y ON y.id = c.taxtype`,
      unique: 'c.id',
      fields: {
        id: id('id'), name: id('itemid'), rate: percent, tax_type: id('taxtype'), nexus: id('nexus'),
        inactive: flag('isinactive'),
      },
    },
    tax_types: {
      sql: 'SELECT y.id, y.name, y.nexus FROM taxtype y', unique: 'y.id',
      fields: { id: id('id'), name: id('name'), nexus: id('nexus') },
    },
    nexuses: {
      sql: 'SELECT x.id, x.country, x.state, x.description FROM nexus x', unique: 'x.id',
      fields: { id: id('id'), country: id('country'), state: id('state'), description: id('description') },
    },
    subsidiaries: {
      sql: 'SELECT s.id, s.name, s.country, s.currency, s.parent, s.isinactive FROM subsidiary s', unique: 's.id',
      fields: {
        id: id('id'), name: id('name'), country: id('country'), currency: id('currency'), parent: id('parent'),
        inactive: flag('isinactive'),
      },
    },
    currencies: {
      sql: 'SELECT c.id, c.symbol, c.name, c.currencyprecision FROM currency c', unique: 'c.id',
      fields: {
        id: id('id'), code: id('symbol'), name: id('name'), precision: (row) => Number(row.currencyprecision),
      },
    },
    accounts: {
      sql: 'SELECT a.id, a.acctnumber, a.accountsearchdisplaynamecopy, a.accttype, a.isinactive FROM account a',
      unique: 'a.id',
      fields: {
        id: id('id'), number: id('acctnumber'), name: id('accountsearchdisplaynamecopy'), type: id('accttype'),
        inactive: flag('isinactive'),
      },
    },
    payment_methods: named('paymentmethod'),
    terms: named('term'),
    departments: named('department'),
    classes: named('classification'),
    locations: named('location'),
    custom_fields: {
      sql: 'SELECT f.internalid, f.scriptid, f.name, f.fieldtype, f.fieldvaluetype FROM customfield f',
      unique: 'f.internalid',
      fields: {
        id: (row) => String(row.scriptid).toLowerCase(), label: id('name'), type: id('fieldvaluetype'),
      },
    },
    custom_segments: scripted('customsegment'),
    custom_record_types: scripted('customrecordtype'),
    periods: {
      sql: `SELECT p.id, p.periodname, TO_CHAR(p.startdate, 'YYYY-MM-DD') AS startdate,
          TO_CHAR(p.enddate, 'YYYY-MM-DD') AS enddate, p.closed, p.arlocked, p.alllocked
        FROM accountingperiod p WHERE p.isquarter = 'F' AND p.isyear = 'F'`,
      unique: 'p.id',
      fields: {
        id: id('id'), name: id('periodname'), start: id('startdate'), end: id('enddate'), closed: flag('closed'),
        ar_locked: flag('arlocked'), all_locked: flag('alllocked'),
      },
    },
  };

  /** @param {string} table */
  function named(table) {
    return {
      sql: `SELECT n.id, n.name, n.isinactive FROM ${table} n`, unique: 'n.id',
      fields: { id: id('id'), name: id('name'), inactive: flag('isinactive') },
    };
  }

  /** @param {string} table */
  function scripted(table) {
    return {
      sql: `SELECT n.internalid, n.scriptid, n.name FROM ${table} n`, unique: 'n.internalid',
      fields: { id: (/** @type {LagoRow} */ row) => String(row.scriptid).toLowerCase(), label: id('name') },
    };
  }

  /**
   * A rate in percent; NetSuite writes it with or without the sign.
   *
   * @param {LagoRow} row
   */
  function percent(row) {
    const rate = text(row.rate);
    return rate === null ? null : decimal.format(decimal.parse(rate.replace('%', '')));
  }

  /**
   * @param {string} section a key of CATALOG
   * @param {string | null} after the unique id that ended the page before
   * @param {number} limit
   */
  function catalogPage(section, after, limit) {
    const { sql, unique, fields } = CATALOG[section];
    const joiner = / WHERE /.test(sql) ? 'AND' : 'WHERE';
    const { rows, more } = firstPage(`${sql} ${joiner} ${unique} > ? ORDER BY ${unique}`, [Number(after ?? 0)], limit);
    const column = unique.split('.')[1];
    return {
      rows: rows.map((row) => Object.fromEntries(Object.entries(fields).map(([name, read]) => [name, read(row)]))),
      cursor: more ? String(rows[rows.length - 1][column]) : null,
    };
  }

  /** @param {string[]} itemIds */
  function itemSubsidiaries(itemIds) {
    /** @type {Map<string, string[]>} */
    const found = new Map(itemIds.map((item) => [item, []]));
    if (itemIds.length === 0) return found;
    const wanted = anyOf({ 'm.item': itemIds });
    const sql = `SELECT m.item, m.subsidiary FROM itemsubsidiarymap m WHERE ${wanted.condition} ORDER BY m.item, m.subsidiary`;
    for (const row of runAll(sql, wanted.params)) found.get(String(row.item))?.push(String(row.subsidiary));
    return found;
  }

  return {
    find, applications, appliedTo, taxesOf, receivablesAccounts, subsidiariesOf, addressesOf, idsByKey, list, lagoObjects, roleName,
    catalogPage, itemSubsidiaries,
    catalogSections: Object.keys(CATALOG),
  };
}
