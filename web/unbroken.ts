/** A text in which no line ends between a number and its unit: `85 °C`. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (?=[°%\p{L}/²³]{1,4}(?![\p{L}\d]))/gu, "$1\u00a0");
}
