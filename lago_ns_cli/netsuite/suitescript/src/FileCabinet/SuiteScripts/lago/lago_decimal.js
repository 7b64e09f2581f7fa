/**
 * Exact decimal arithmetic: JavaScript numbers cannot hold every amount.
 *
 * An amount is a BigInt that counts units of 10^-12.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/error'], lagoDecimal);

/** @param {import('N/error')} error */
function lagoDecimal(error) {
  const PLACES = 12;
  // What a double keeps of any number.
  const DIGITS = 15;
  // What most amounts look like: as short as this, they have neither too many digits nor too many places.
  const SHORT = /^-?\d+(?:\.\d+)?$/;
  const SHORT_LENGTH = PLACES + 2;
  const UNIT = 10n ** BigInt(PLACES);
  // Oracle's TO_CHAR leaves out the zero before the point: ".5", "-.5".
  const PATTERN = /^(-?)(\d*)(?:\.(\d*))?$/;

  /**
   * @param {unknown} text
   * @returns {{sign: string, whole: string, fraction: string}}
   */
  function partsOf(text) {
    const match = PATTERN.exec(String(text).trim());
    const fraction = (match && match[3]) || '';
    if (!match || match[2] + fraction === '' || fraction.length > PLACES) {
      throw error.create({ name: 'LAGO_BAD_AMOUNT', message: `"${text}" is not an exact decimal.`, notifyOff: true });
    }
    return { sign: match[1], whole: match[2], fraction };
  }

  /**
   * @param {unknown} text a decimal such as "100.00", or a number of at most 15 digits
   * @returns {bigint}
   */
  function parse(text) {
    const { sign, whole, fraction } = partsOf(text);
    const units = BigInt(whole + fraction.padEnd(PLACES, '0'));
    return sign ? -units : units;
  }

  /**
   * @param {bigint} amount
   * @returns {string} with at least two decimals: "5.00", "0.125"
   */
  function format(amount) {
    const digits = (amount < 0n ? -amount : amount).toString().padStart(PLACES + 1, '0');
    const fraction = digits.slice(-PLACES).replace(/0+$/, '').padEnd(2, '0');
    return `${amount < 0n ? '-' : ''}${digits.slice(0, -PLACES)}.${fraction}`;
  }

  /** @param {unknown[]} texts */
  function sum(texts) {
    return texts.reduce((/** @type {bigint} */ total, text) => total + parse(text), 0n);
  }

  /**
   * What a numeric field is set to: a number where a double keeps every digit, else the text itself.
   *
   * @param {string} text
   */
  function toFieldValue(text) {
    if (text.length <= SHORT_LENGTH && SHORT.test(text)) return Number(text);
    const { whole, fraction } = partsOf(text);
    const fits = whole.length + fraction.length <= DIGITS || (whole + fraction).replace(/^0+/, '').length <= DIGITS;
    return fits ? Number(text) : text;
  }

  return { parse, format, sum, toFieldValue, UNIT };
}
