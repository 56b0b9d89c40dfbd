/** A figure as people read it: whole numbers as they are, others to four digits. Programs are given the number itself. */
export function figure(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}
