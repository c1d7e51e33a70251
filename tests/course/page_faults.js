// Returns what a student must not meet on a page of JupyterLab: a list of sentences.
() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length;
  const wide = ".jp-WindowedPanel-outer, .jp-OutputArea-output, .jp-RenderedMarkdown, .jupyterlab-sidecar, .dd-panel";
  for (const part of document.querySelectorAll(wide))
    if (shown(part) && part.scrollWidth > part.clientWidth + 1)
      faults.push(`cut off: ${part.className.slice(0, 60)} ${part.scrollWidth} > ${part.clientWidth}: ${part.innerText.slice(0, 80)}`);
  for (const words of ["Error displaying widget", "Loading widget"])
    for (const part of document.querySelectorAll(".jp-OutputArea-output"))
      if (shown(part) && part.innerText.includes(words)) faults.push(words);
  const numbers = (colour) => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (front, back) => {
    const alpha = front.length > 3 ? front[3] : 1;
    return [0, 1, 2].map((index) => front[index] * alpha + back[index] * (1 - alpha));
  };
  const background = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(numbers(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const [red, green, blue] = colour.map((value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const seen = new Set();
  for (const element of document.querySelectorAll(".jp-OutputArea-output *, .dd-panel *, .jp-RenderedMarkdown *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (!text || !shown(element) || ["STYLE", "SCRIPT"].includes(element.tagName)) continue;
    if (element.closest(".cm-editor, [aria-hidden], button:disabled")) continue;
    const style = getComputedStyle(element), back = background(element);
    let front = numbers(element instanceof SVGElement ? style.fill : style.color);
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) opacity *= Number(getComputedStyle(each).opacity);
    front = over([...front.slice(0, 3), (front[3] ?? 1) * opacity], back);
    const [high, low] = [light(front), light(back)].sort((one, other) => other - one);
    const contrast = (high + 0.05) / (low + 0.05);
    const needed = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700) ? 3 : 4.5;
    const key = `contrast ${contrast.toFixed(1)}: ${element.tagName}.${element.getAttribute("class")} ${front.map(Math.round)} on ${back.map(Math.round)} "${text.slice(0, 40)}"`;
    if (contrast < needed && !seen.has(key)) { seen.add(key); faults.push(key); }
  }
  return faults;
}
