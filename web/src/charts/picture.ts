/** A chart as a picture to keep: the drawing on the panel's own ground, under the question that it answers. */

export interface Picture {
  readonly title: string;
  readonly subtitle: string;
}

const SCALE = 2;
const MARGIN = 24;
const HEAD = 56;

/** Draws the chart as PNG. The drawing is taken from the page, so it is what is seen. */
export async function pngOf(chart: SVGSVGElement, { title, subtitle }: Picture): Promise<Blob> {
  const { width, height } = chart.getBoundingClientRect();
  const style = getComputedStyle(chart);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const canvas = document.createElement("canvas");
  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = (height + 2 * MARGIN + HEAD) * SCALE;
  const context = canvas.getContext("2d");
  if (!context) {
    throw new Error("This browser cannot draw pictures.");
  }
  context.scale(SCALE, SCALE);
  context.fillStyle = color("--panel");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = color("--text");
  context.font = `600 16px ${style.fontFamily}`;
  context.fillText(title, MARGIN, MARGIN + 14);
  context.fillStyle = color("--muted");
  context.font = `400 13px ${style.fontFamily}`;
  context.fillText(subtitle, MARGIN, MARGIN + 36);
  context.drawImage(await imageOf(chart, width, height, style.fontFamily), MARGIN, MARGIN + HEAD);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made.")))),
  );
}

async function imageOf(
  chart: SVGSVGElement,
  width: number,
  height: number,
  font: string,
): Promise<HTMLImageElement> {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // A picture has no page around it to inherit from.
  copy.style.fontFamily = font;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
