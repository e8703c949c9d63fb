/** Takes a processor for itself and never yields. */
export function spin(): never {
  for (;;);
}
