"""The tables of the account, under the names and columns that SuiteQL shows.

Money, quantities and rates are TEXT with exact decimals, ids INTEGER, checkboxes ``T``/``F``, dates
``YYYY-MM-DD`` and date-times ``YYYY-MM-DD HH:MM:SS`` in the account's zone. Tables that begin with an underscore
are the simulator's own and invisible to SuiteQL.

Unverified spellings have their home here: ``customercurrencybalance`` for a customer's currencies (the name of the
N/search join), ``customeraddressbook`` with ``customeraddressbookentityaddress`` and its ``nkey`` (as queries of many accounts
spell them), ``accountingperiod.arlocked`` and ``alllocked``, ``customsegment``, ``savedsearch``, and the columns of the three tables of Advanced Revenue
Management (``revenueelement.referenceid`` is ``TranLine_<unique key>``).
"""

_BOOKS = """
CREATE TABLE IF NOT EXISTS _record (
  pool TEXT NOT NULL, id INTEGER NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL,
  body TEXT NOT NULL, sublists TEXT NOT NULL, PRIMARY KEY (pool, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _file_contents (id INTEGER PRIMARY KEY, contents TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "transaction" (
  id INTEGER PRIMARY KEY, externalid TEXT COLLATE NOCASE, tranid TEXT, type TEXT NOT NULL, recordtype TEXT NOT NULL,
  entity INTEGER NOT NULL, currency INTEGER NOT NULL, exchangerate TEXT, trandate TEXT NOT NULL, duedate TEXT,
  postingperiod INTEGER, status TEXT NOT NULL, posting TEXT NOT NULL, approvalstatus INTEGER, terms INTEGER,
  foreigntotal TEXT NOT NULL, foreignamountpaid TEXT, foreignamountunpaid TEXT, foreignpaymentamountunused TEXT,
  voided TEXT NOT NULL, memo TEXT, otherrefnum TEXT, nexus INTEGER,
  createddate TEXT NOT NULL, lastmodifieddate TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS transaction_externalid ON "transaction" (externalid);
CREATE INDEX IF NOT EXISTS transaction_tranid ON "transaction" (tranid);
CREATE INDEX IF NOT EXISTS transaction_entity ON "transaction" (entity, type, status);
CREATE INDEX IF NOT EXISTS transaction_trandate ON "transaction" (trandate);

CREATE TABLE IF NOT EXISTS transactionline (
  "transaction" INTEGER NOT NULL, id INTEGER NOT NULL, uniquekey INTEGER, mainline TEXT NOT NULL,
  taxline TEXT NOT NULL, item INTEGER, itemtype TEXT, quantity TEXT, rate TEXT, foreignamount TEXT NOT NULL,
  netamount TEXT, entity INTEGER, subsidiary INTEGER, expenseaccount INTEGER, taxcode INTEGER, taxrate1 TEXT,
  department INTEGER, class INTEGER, location INTEGER, memo TEXT,
  PRIMARY KEY ("transaction", id)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS previoustransactionlinelink (
  nextdoc INTEGER NOT NULL, nextline INTEGER NOT NULL, nexttype TEXT NOT NULL, nextdate TEXT,
  previousdoc INTEGER NOT NULL, previousline INTEGER NOT NULL, previoustype TEXT NOT NULL, previousdate TEXT,
  linktype TEXT NOT NULL, foreignamount TEXT NOT NULL, lastmodifieddate TEXT NOT NULL,
  PRIMARY KEY (nextdoc, previousdoc)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_previousdoc ON previoustransactionlinelink (previousdoc);

CREATE TABLE IF NOT EXISTS customer (
  id INTEGER PRIMARY KEY, externalid TEXT COLLATE NOCASE, entityid TEXT COLLATE NOCASE, companyname TEXT,
  firstname TEXT, lastname TEXT, altname TEXT, isperson TEXT NOT NULL, email TEXT, phone TEXT, subsidiary INTEGER,
  currency INTEGER, parent INTEGER, terms INTEGER, entitystatus INTEGER, isinactive TEXT NOT NULL,
  datecreated TEXT NOT NULL, lastmodifieddate TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS customer_externalid ON customer (externalid);
CREATE INDEX IF NOT EXISTS customer_entityid ON customer (entityid);
CREATE TABLE IF NOT EXISTS customercurrencybalance (
  customer INTEGER NOT NULL, currency INTEGER NOT NULL, PRIMARY KEY (customer, currency)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customersubsidiaryrelationship (
  entity INTEGER NOT NULL, subsidiary INTEGER NOT NULL, isprimarysub TEXT NOT NULL,
  PRIMARY KEY (entity, subsidiary)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customeraddressbook (
  internalid INTEGER PRIMARY KEY, entity INTEGER NOT NULL, addressbookaddress INTEGER NOT NULL, label TEXT,
  defaultbilling TEXT NOT NULL, defaultshipping TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS addressbook_entity ON customeraddressbook (entity);
CREATE TABLE IF NOT EXISTS customeraddressbookentityaddress (
  nkey INTEGER PRIMARY KEY, country TEXT, attention TEXT, addressee TEXT, addrphone TEXT, addr1 TEXT, addr2 TEXT,
  addr3 TEXT, city TEXT, state TEXT, zip TEXT, addrtext TEXT);
"""

_MASTERS = """
CREATE TABLE IF NOT EXISTS currency (
  id INTEGER PRIMARY KEY, symbol TEXT, name TEXT, currencyprecision INTEGER, exchangerate TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS subsidiary (
  id INTEGER PRIMARY KEY, name TEXT, fullname TEXT, country TEXT, currency INTEGER, parent INTEGER,
  isinactive TEXT, iselimination TEXT);
CREATE TABLE IF NOT EXISTS nexus (
  id INTEGER PRIMARY KEY, country TEXT, state TEXT, description TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS subsidiarynexus (
  subsidiary INTEGER NOT NULL, nexus INTEGER NOT NULL, PRIMARY KEY (subsidiary, nexus)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taxtype (id INTEGER PRIMARY KEY, name TEXT, nexus INTEGER, isinactive TEXT);
CREATE TABLE IF NOT EXISTS salestaxitem (
  id INTEGER PRIMARY KEY, itemid TEXT, name TEXT, rate TEXT, taxtype INTEGER, nexus INTEGER, country TEXT,
  isdefault TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS revenuerecognitionrule (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE IF NOT EXISTS item (
  id INTEGER PRIMARY KEY, externalid TEXT COLLATE NOCASE, itemid TEXT, displayname TEXT, itemtype TEXT,
  isinactive TEXT, subsidiary TEXT, incomeaccount INTEGER, rate TEXT, revenuerecognitionrule INTEGER,
  createddate TEXT, lastmodifieddate TEXT);
CREATE TABLE IF NOT EXISTS itemsubsidiarymap (
  item INTEGER NOT NULL, subsidiary INTEGER NOT NULL, PRIMARY KEY (item, subsidiary)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
  id INTEGER PRIMARY KEY, acctnumber TEXT, fullname TEXT, accountsearchdisplayname TEXT,
  accountsearchdisplaynamecopy TEXT, accttype TEXT,
  currency INTEGER, isinactive TEXT);
CREATE TABLE IF NOT EXISTS term (id INTEGER PRIMARY KEY, name TEXT, daysuntilnetdue INTEGER, isinactive TEXT);
CREATE TABLE IF NOT EXISTS paymentmethod (id INTEGER PRIMARY KEY, name TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS department (id INTEGER PRIMARY KEY, name TEXT, fullname TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS classification (id INTEGER PRIMARY KEY, name TEXT, fullname TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS location (id INTEGER PRIMARY KEY, name TEXT, fullname TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS accountingperiod (
  id INTEGER PRIMARY KEY, periodname TEXT, startdate TEXT, enddate TEXT, closed TEXT, alllocked TEXT,
  arlocked TEXT, isquarter TEXT, isyear TEXT, isadjust TEXT, isposting TEXT, parent INTEGER);
CREATE INDEX IF NOT EXISTS accountingperiod_enddate ON accountingperiod (enddate);
CREATE TABLE IF NOT EXISTS customfield (
  internalid INTEGER PRIMARY KEY, scriptid TEXT UNIQUE, name TEXT, fieldtype TEXT, fieldvaluetype TEXT,
  fieldvaluetyperecord TEXT, recordtype TEXT, maxlength INTEGER, ismandatory TEXT, isinactive TEXT,
  lastmodifieddate TEXT);
CREATE TABLE IF NOT EXISTS _custom_field_use (
  scriptid TEXT NOT NULL, type TEXT NOT NULL, sublist TEXT NOT NULL, PRIMARY KEY (scriptid, type, sublist))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customrecordtype (
  internalid INTEGER PRIMARY KEY, scriptid TEXT UNIQUE, name TEXT, description TEXT, isinactive TEXT,
  lastmodifieddate TEXT);
CREATE TABLE IF NOT EXISTS customsegment (
  internalid INTEGER PRIMARY KEY, scriptid TEXT UNIQUE, name TEXT, recordtype TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS savedsearch (
  internalid INTEGER PRIMARY KEY, id TEXT UNIQUE, title TEXT, recordtype TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS script (
  id INTEGER PRIMARY KEY, scriptid TEXT UNIQUE, name TEXT, scripttype TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS scriptdeployment (
  primarykey INTEGER PRIMARY KEY, script INTEGER, scriptid TEXT, title TEXT, isdeployed TEXT, status TEXT);
CREATE TABLE IF NOT EXISTS role (id INTEGER PRIMARY KEY, scriptid TEXT, name TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS mediaitemfolder (
  id INTEGER PRIMARY KEY, name TEXT, parent INTEGER, appfolder TEXT, foldertype TEXT, isinactive TEXT);
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, folder INTEGER NOT NULL, filetype TEXT, filesize INTEGER, url TEXT,
  createddate TEXT, lastmodifieddate TEXT, UNIQUE (folder, name));
"""

_REVENUE = """
CREATE TABLE IF NOT EXISTS revenueelement (
  id INTEGER PRIMARY KEY, referenceid TEXT, source TEXT, sourcerecordtype TEXT, revenuearrangement INTEGER,
  item INTEGER, currency INTEGER, salesamount TEXT, discountedsalesamount TEXT, revenuerecognitionrule INTEGER,
  elementdate TEXT, revrecstartdate TEXT, revrecenddate TEXT);
CREATE TABLE IF NOT EXISTS revenueplan (
  id INTEGER PRIMARY KEY, createdfrom INTEGER, item INTEGER, amount TEXT, revenueplantype TEXT,
  revrecstartdate TEXT, revrecenddate TEXT);
CREATE TABLE IF NOT EXISTS revenueplanplannedrevenue (
  id INTEGER PRIMARY KEY, revenueplan INTEGER, plannedperiod INTEGER, amount TEXT, isrecognized TEXT, journal INTEGER);
"""

DDL = _BOOKS + _MASTERS + _REVENUE

CUSTOM_RECORD_COLUMNS = (
    ("id", "INTEGER PRIMARY KEY"),
    ("scriptid", "TEXT"),
    ("externalid", "TEXT COLLATE NOCASE"),
    ("name", "TEXT"),
    ("owner", "INTEGER"),
    ("isinactive", "TEXT"),
    ("created", "TEXT"),
    ("lastmodified", "TEXT"),
)
"""Columns that every custom record type has."""
