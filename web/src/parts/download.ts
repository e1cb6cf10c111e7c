/** Hands a file to the browser's own download. */

/** Saves the content under the name; made on this page, so no request leaves it. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** `what-did-it-cost-2026-11-01-2026-11-22`. */
export function fileName(question: string, days: string): string {
  const words = question
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${words}-${days}`;
}
