import type { Language } from "../preferences/language.ts";

const LOCALES = { ko: "ko-KR", en: "en-US" } as const;
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const SECONDS = { day: 86_400, hour: 3600, minute: 60 } as const;

/** How numbers, sizes and times are written in a language. */
export interface Formats {
  /** 71,204 */
  number(value: number): string;
  /** 71.20 %; the API has cut it to two decimals already, so it is never rounded up to 100. */
  percent(value: number): string;
  /** 5.1 GB, in powers of 1,000 */
  bytes(value: number): string;
  /** The largest unit that fits and the one below: 3 min 20 sec */
  duration(seconds: number): string;
  /** From one number of seconds to another, in the unit of the larger one: 3–5 min */
  range(low: number, high: number): string;
  /** 14:03 on the same day, else with the date. `moment` and `now` are milliseconds since 1970. */
  moment(moment: number, now: number): string;
}

export function formats(language: Language): Formats {
  const locale = LOCALES[language];
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  return {
    number: (value) => number.format(value),
    percent: (value) => `${percent.format(value)} %`,
    bytes: (value) => bytes(locale, value),
    duration: (seconds) => duration(locale, seconds),
    range: (low, high) => range(locale, low, high),
    moment: (moment, now) => {
      const isToday = day.format(moment) === day.format(now);
      return isToday ? time.format(moment) : `${day.format(moment)} ${time.format(moment)}`;
    },
  };
}

function bytes(locale: string, value: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), BYTE_UNITS.length - 1);
  const unit = BYTE_UNITS[power] ?? "byte";
  const maximumFractionDigits = power > 0 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits }).format(value / 1000 ** power);
}

function range(locale: string, low: number, high: number): string {
  // 90 seconds say more than 1 to 2 minutes.
  const [unit, length] = Object.entries(SECONDS).find(([, length]) => high >= 2 * length) ?? ["second", 1];
  const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
  const [from, to] = [Math.floor(low / length), Math.ceil(high / length)];
  return from < to ? format.formatRange(from, to) : format.format(to);
}

function duration(locale: string, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const write = (value: number, unit: string): string =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
  const units = Object.entries(SECONDS);
  for (const [position, [unit, length]] of units.entries()) {
    if (whole < length) continue;
    const [smaller, smallerLength] = units[position + 1] ?? ["second", 1];
    const rest = Math.floor((whole % length) / smallerLength);
    const text = write(Math.floor(whole / length), unit);
    return rest > 0 ? `${text} ${write(rest, smaller)}` : text;
  }
  return write(whole, "second");
}
