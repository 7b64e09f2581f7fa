/**
 * What the caller's role may see and do, and what of ours the account lacks.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/record', 'N/runtime'], lagoAccess);

/**
 * @param {import('N/record')} record
 * @param {import('N/runtime')} runtime
 */
function lagoAccess(record, runtime) {
  const { VIEW, CREATE, EDIT, FULL } = runtime.Permission;

  /** @type {{[type: string]: string}} */
  const PERMISSION_OF_TYPE = {
    customer: 'LIST_CUSTJOB',
    invoice: 'TRAN_CUSTINVC',
    creditmemo: 'TRAN_CUSTCRED',
    customerpayment: 'TRAN_CUSTPYMT',
  };

  /** @type {[string, import('N/runtime').Permission, string][]} as NetSuite's role page words them */
  const NEEDED = [
    ['LIST_CUSTJOB', EDIT, 'Lists > Customers (Edit)'],
    ['TRAN_CUSTINVC', EDIT, 'Transactions > Invoice (Edit)'],
    ['TRAN_CUSTCRED', EDIT, 'Transactions > Credit Memo (Edit)'],
    ['TRAN_CUSTPYMT', EDIT, 'Transactions > Customer Payment (Edit)'],
    ['TRAN_FIND', VIEW, 'Transactions > Find Transaction (View)'],
    ['LIST_FIND', VIEW, 'Lists > Perform Search (View)'],
    ['LIST_ITEM', VIEW, 'Lists > Items (View)'],
    ['LIST_SUBSIDIARY', VIEW, 'Lists > Subsidiaries (View)'],
    ['LIST_CURRENCY', VIEW, 'Lists > Currency (View)'],
    ['LIST_ACCOUNT', VIEW, 'Lists > Accounts (View)'],
    ['LIST_TAXITEM', VIEW, 'Lists > Tax Records (View)'],
    ['LIST_PAYMETH', VIEW, 'Lists > Payment Methods (View)'],
    ['LIST_FILECABINET', EDIT, 'Lists > Documents and Files (Edit)'],
    ['REPO_ANALYTICS', EDIT, 'Reports > SuiteAnalytics Workbook (Edit)'],
    ['ADMI_ACCTPERIODS', VIEW, 'Setup > Manage Accounting Periods (View)'],
    ['ADMI_ACCOUNTINGLIST', VIEW, 'Setup > Accounting Lists (View)'],
  ];

  /** SuiteTax only: without it no tax override can be set. */
  const NEEDED_FOR_SUITETAX = /** @type {typeof NEEDED} */ ([['LIST_TAXDETAILSTAB', EDIT, 'Lists > Tax Details Tab (Edit)']]);

  /**
   * The permission that shows a list of `describe`. SuiteQL itself says only that the table is unknown.
   *
   * @type {{[section: string]: string}}
   */
  const PERMISSION_OF_SECTION = {
    items: 'LIST_ITEM', tax_codes: 'LIST_TAXITEM', tax_types: 'LIST_TAXITEM', nexuses: 'LIST_TAXITEM',
    subsidiaries: 'LIST_SUBSIDIARY', currencies: 'LIST_CURRENCY', accounts: 'LIST_ACCOUNT', payment_methods: 'LIST_PAYMETH',
    terms: 'ADMI_ACCOUNTINGLIST', departments: 'LIST_DEPARTMENT', classes: 'LIST_CLASS', locations: 'LIST_LOCATION',
    custom_fields: 'ADMI_CUSTFIELD', custom_segments: 'ADMI_MANAGECUSTOMSEGMENTS', custom_record_types: 'ADMI_CUSTRECORD',
    saved_searches: 'LIST_PUBLISHSEARCH', periods: 'ADMI_ACCTPERIODS',
  };

  /** @type {{[type: string]: {body: string[], item: string[]}}} */
  const OUR_FIELDS = {
    customer: { body: ['custentity_lago_id', 'custentity_lago_fingerprint'], item: [] },
    invoice: {
      body: ['custbody_lago_id', 'custbody_lago_fingerprint', 'custbody_lago_invoice_link'],
      item: ['custcol_lago_line_id', 'custcol_service_period_date_from', 'custcol_service_period_date_to'],
    },
    creditmemo: { body: ['custbody_lago_id', 'custbody_lago_fingerprint'], item: ['custcol_lago_line_id'] },
    customerpayment: { body: ['custbody_lago_id', 'custbody_lago_fingerprint'], item: [] },
  };

  /**
   * @param {string} permission
   * @param {import('N/runtime').Permission} level
   */
  function has(permission, level) {
    return runtime.getCurrentUser().getPermission({ name: permission }) >= level;
  }

  /**
   * @param {string} type
   * @returns {boolean} whether records of the type can be seen at all
   */
  function canSee(type) {
    if (type === 'application') return canSee('creditmemo') && canSee('customerpayment');
    if (type === 'lago_object') return has('LIST_CUSTRECORDENTRY', VIEW);
    return has(PERMISSION_OF_TYPE[type], VIEW);
  }

  /**
   * @param {string} type
   * @returns {boolean} whether the role may delete records of the type
   */
  function canDelete(type) {
    return has(PERMISSION_OF_TYPE[type], FULL);
  }

  /**
   * @param {string} type
   * @returns {string} the permission to delete, as the role page names it
   */
  function deletion(type) {
    const [, , name] = NEEDED.find(([permission]) => permission === PERMISSION_OF_TYPE[type]) ?? ['', VIEW, type];
    return name.replace(/ \(\w+\)$/, ' (Full)');
  }

  /** @param {string} section */
  function canSeeSection(section) {
    const permission = PERMISSION_OF_SECTION[section];
    return permission === undefined || has(permission, VIEW);
  }

  function features() {
    const on = (/** @type {import('N/runtime').NetSuiteFeature} */ feature) => runtime.isFeatureInEffect({ feature });
    return {
      subsidiaries: on('SUBSIDIARIES'), multicurrency: on('MULTICURRENCY'), suitetax: on('TAX_OVERHAULING'),
      departments: on('DEPARTMENTS'), classes: on('CLASSES'), locations: on('LOCATIONS'),
      revenue: on('ADVANCEDREVENUERECOGNITION'),
    };
  }

  function missingPermissions() {
    const needed = features().suitetax ? [...NEEDED, ...NEEDED_FOR_SUITETAX] : NEEDED;
    return needed.filter(([permission, level]) => !has(permission, level)).map(([, , name]) => name);
  }

  /**
   * The fields that a new record of the type has, body and item lines.
   *
   * @param {string} type
   */
  function fieldsOf(type) {
    const blank = record.create({ type, isDynamic: true });
    const lines = blank.getSublists().includes('item') ? blank.getSublistFields({ sublistId: 'item' }) : [];
    return { body: new Set(blank.getFields()), item: new Set(lines) };
  }

  /**
   * Our custom fields that do not exist or are not applied, with the types that lack them; types that the role
   * cannot create are left out.
   */
  function unappliedFields() {
    /** @type {{[field: string]: string[]}} */
    const missing = {};
    for (const [type, ours] of Object.entries(OUR_FIELDS)) {
      if (!has(PERMISSION_OF_TYPE[type], CREATE)) continue;
      const there = fieldsOf(type);
      const lacking = [...ours.body.filter((field) => !there.body.has(field)), ...ours.item.filter((field) => !there.item.has(field))];
      lacking.forEach((field) => { missing[field] = [...missing[field] ?? [], type]; });
    }
    return missing;
  }

  return {
    canSee, canSeeSection, canDelete, deletion, features, missingPermissions, unappliedFields, fieldsOf, types: Object.keys(PERMISSION_OF_TYPE),
  };
}
