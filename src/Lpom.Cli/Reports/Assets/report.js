// The report's page, built from the JSON in #report-data. Data becomes text and checked attributes only, never markup.
(() => {
'use strict';

const root = document.documentElement;
const page = document.getElementById('report');
const kinds = { train: 'Training', eval: 'Evaluation', compare: 'Comparison' };
const dashes = [[], [8, 4], [2, 3], [11, 3, 2, 3], [5, 2]];

const list = value => value ?? [];
const text = value => value == null ? '' : String(value);
const finite = Number.isFinite;

/** An element 'tag.class', its attributes, which may be left out, and its children: strings and nodes. */
function el(selector, attributes, ...children) {
  if (typeof attributes === 'string' || attributes instanceof Node) return el(selector, null, attributes, ...children);
  const [tag, ...classes] = selector.split('.');
  const node = document.createElementNS(`http://www.w3.org/${/^(svg|line)$/.test(tag) ? '2000/svg' : '1999/xhtml'}`, tag);
  if (classes.length) node.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children.filter(child => child != null));
  return node;
}

function button(selector, attributes, label, onClick) {
  const node = el(selector, { type: 'button', ...attributes }, label);
  node.addEventListener('click', onClick);
  return node;
}

const heading = title => el('div.head', el('h2', text(title)));
const scrollBox = (label, table) => el('div.scroll', { tabindex: 0, role: 'region', 'aria-label': label }, table);

function formatNumber(value, digits = 4) {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value);
  if (size >= 1e7 || size < 1e-4) return value.toExponential(digits - 1).replace('e+', 'e');
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}

const formatPercent = (value, digits = 2) => (100 * value).toFixed(digits) + '\u00a0%';
const formatY = (spec, value) => spec.format === 'percent' ? formatPercent(value) : formatNumber(value);

/** '3.1 s' if the axis has a unit, else '3 epochs' or '1 epoch'. */
const formatX = ({ name, unit }, value) => formatNumber(value, 3) + '\u00a0' + (unit || (value === 1 ? name.replace(/s$/, '') : name));

/** Ticks that stand step apart, with the digits that tell them apart. */
function tickLabels(ticks, step, suffix = '') {
  const digits = [0, 1, 2, 3, 4, 5, 6, 7].find(count => Math.abs(step - step.toFixed(count)) < step / 1e6);
  return ticks.map(tick => (digits == null ? tick.toExponential(2) : tick.toFixed(digits)) + suffix);
}

function dataTable(columns, rows) {
  const isNumber = cell => /^([<>≤≥~±+−-]?\s*\d[\d\s.,:e+−-]*(%|[µnm]?s|[kMG]?i?B)?(\s*\(.*\))?|[–-]?)$/.test(cell);
  const cells = rows.map(row => columns.map((_, i) => text(row[i])));
  const classes = columns.map((_, i) => cells.every(row => isNumber(row[i])) ? '.num' : '');
  return el('table.data',
    el('thead', el('tr', null, ...columns.map((column, i) => el('th' + classes[i], { scope: 'col' }, text(column))))),
    el('tbody', null, ...cells.map(row => el('tr', null,
      ...row.map((cell, i) => i === 0 ? el('th' + classes[i], { scope: 'row' }, cell) : el('td' + classes[i], cell))))));
}

// ---- Light and dark

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const rootStyle = getComputedStyle(root);
const variable = name => rootStyle.getPropertyValue('--' + name).trim();
const themeButton = button('button.theme-toggle', { title: 'Colours' }, '', () => setTheme(root.dataset.theme === 'dark' ? 'light' : 'dark'));

function setTheme(theme) {
  root.dataset.theme = theme;
  themeButton.textContent = theme === 'dark' ? 'Light' : 'Dark';
  for (const { plot } of charts) plot?.redraw(false);
}

const followSystem = () => setTheme(systemDark.matches ? 'dark' : 'light');
systemDark.addEventListener('change', followSystem);

// ---- Charts

const charts = [];
const groups = new Map(); // What charts over the same axis share: { key, full, zoom }
const ordinals = new Map(); // A name keeps its colour and dash in all charts
let printing = false;

/** A series' points that can be drawn, over one of its axes, by x. */
function pointsOf(spec, series, axisIndex) {
  const xs = list(series.x[axisIndex]);
  const drawable = y => finite(y) && (spec.format !== 'log' || y > 0);
  const bound = (bounds, i, y) => drawable(bounds?.[i]) ? bounds[i] : y;
  return series.y
    .map((y, i) => ({ x: xs[i], y, low: bound(series.low, i, y), high: bound(series.high, i, y) }))
    .filter(point => finite(point.x) && drawable(point.y))
    .sort((a, b) => a.x - b.x);
}

function windowOf({ zoom, full }) {
  const [min, max] = zoom ?? full ?? [0, 1];
  return max > min ? [min, max] : [min - 1, max + 1];
}

/** The range of what is visible: points in the window, and where lines and bands cross its edges. */
function rangeOfY({ spec, series, group }) {
  const [left, right] = windowOf(group);
  let min = Infinity, max = -Infinity;
  for (const { points } of series.filter(one => !one.hidden)) {
    points.forEach((b, i) => {
      const a = points[i - 1] ?? b;
      for (const x of [left, b.x, right]) {
        if (x < left || x > right || x < a.x || x > b.x) continue;
        const values = ['y', 'low', 'high'].map(key => x === b.x ? b[key] : a[key] + (b[key] - a[key]) * (x - a.x) / (b.x - a.x));
        min = Math.min(min, ...values);
        max = Math.max(max, ...values);
      }
    });
  }
  if (min > max) return [.1, 1];
  const factor = Math.max((max / min) ** .06, 1.02);
  if (spec.format === 'log') return [min / factor, max * factor];
  const room = max > min ? (max - min) * .07 : Math.abs(max) * .05 || 1;
  const low = min >= 0 && (min < room || min < max * .2) ? 0 : min - room;
  return [low, spec.format === 'percent' && max <= 1 ? Math.min(1, max + room) : max + room];
}

/** Powers of ten, and as many ticks between as it takes for four; eight at most. */
function logTicks(min, max) {
  const even = count => Array.from({ length: 9 * count }, (_, i) => (1 + i / count).toFixed(2));
  const first = Math.floor(Math.log10(min));
  const powers = Array.from({ length: Math.floor(Math.log10(max)) - first + 1 }, (_, i) => first + i);
  let ticks = [];
  for (const leads of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], even(2), even(10), even(50)]) {
    if (ticks.length < 4) ticks = powers.flatMap(power => leads.map(lead => Number(`${lead}e${power}`))).filter(tick => tick >= min && tick <= max);
  }
  return ticks.filter((_, i) => i % Math.ceil(ticks.length / 8) === 0);
}

function makeChart(spec) {
  const title = text(spec.title);
  const chart = { spec, axes: spec.axes, plotNode: el('div.plot', { role: 'img' }), readout: el('span.readout') };
  chart.series = spec.series.map((series, index) => {
    const name = text(series.name);
    if (!ordinals.has(name)) ordinals.set(name, ordinals.size);
    const ordinal = ordinals.get(name);
    const dash = spec.series.length === 1 ? [] : dashes[ordinal % dashes.length];
    const one = { spec: series, name, hidden: false, colour: 's' + ordinal % 8, dash, value: el('span.value') };
    const line = el('line', { x2: 30, y1: 5, y2: 5, stroke: `var(--${one.colour})`, 'stroke-width': 2.5, 'stroke-dasharray': dash.join(' ') });
    one.toggle = button('button.series-toggle', { 'aria-pressed': true }, el('svg', { width: 30, height: 10 }, line), () => {
      one.hidden = !one.hidden;
      one.toggle.setAttribute('aria-pressed', !one.hidden);
      chart.plot?.setSeries(index + 1, { show: !one.hidden });
    });
    one.toggle.append(el('span', name), one.value);
    return one;
  });
  chart.hasSpread = chart.series.some(one => list(one.spec.low).some(finite));
  chart.resetButton = button('button.reset-zoom', {}, 'Reset zoom', () => {
    chart.series[0].toggle.focus();
    setZoom(chart.group, null);
  });
  chart.node = el('figure.chart.card', { 'data-title': title },
    el('div.head', el('h3', title), chart.resetButton),
    chart.plotNode, el('div.legend', null, ...chart.series.map(one => one.toggle), chart.readout), numbersOf(chart));
  return chart;
}

/** A row for each x of the first axis, with the second's beside each value. */
function numbersOf({ spec, axes, series }) {
  const columns = [axes[0].name];
  const rows = new Map();
  for (const { name, spec: { x, ...values } } of series) {
    const start = columns.push(name) - 1;
    if (axes[1]) columns.push(`${name}, ${axes[1].name}`);
    list(x[0]).forEach((key, i) => {
      if (!rows.has(key)) rows.set(key, [key]);
      const [y, low, high] = ['y', 'low', 'high'].map(part => values[part]?.[i]).map(value => finite(value) ? formatY(spec, value) : '');
      rows.get(key)[start] = low && high ? `${y} (${low} to ${high})` : y;
      if (finite(x[1]?.[i])) rows.get(key)[start + 1] = formatNumber(x[1][i]);
    });
  }
  const table = dataTable(columns, [...rows.values()].sort((a, b) => a[0] - b[0]));
  return el('details.numbers', el('summary', 'Numbers'), scrollBox('Numbers of ' + spec.title, table));
}

function setAxis(choice) {
  groups.clear();
  for (const chart of charts) {
    const index = Math.min(choice, chart.axes.length - 1);
    const axis = chart.axis = chart.axes[index];
    const key = JSON.stringify([axis.name, axis.unit]);
    if (!groups.has(key)) groups.set(key, { key, full: null, zoom: null });
    const group = chart.group = groups.get(key);
    const last = chart.series.map(one => {
      one.points = pointsOf(chart.spec, one.spec, index);
      for (const { x } of one.points) {
        const [min, max] = group.full ?? (axis.unit ? [0, x] : [x, x]); // Time begins at 0
        group.full = [Math.min(min, x), Math.max(max, x)];
      }
      const end = one.points.at(-1);
      return `${one.name}: ${end ? formatY(chart.spec, end.y) + ' at ' + formatX(axis, end.x) : 'no values'}`;
    });
    chart.plotNode.setAttribute('aria-label', `${chart.spec.title} over ${axis.name}. Last values: ${last.join('; ')}.`);
  }
  for (const toggle of page.querySelectorAll('[data-axis]')) toggle.setAttribute('aria-pressed', toggle.dataset.axis === String(choice));
  charts.forEach(drawChart);
  for (const group of groups.values()) setZoom(group, null);
}

function setZoom(group, zoom) {
  group.zoom = zoom;
  const [min, max] = windowOf(group);
  for (const { plot, node, resetButton } of charts.filter(chart => chart.group === group)) {
    plot?.setScale('x', { min, max });
    node.dataset.zoom = zoom ? zoom.map(edge => Number(edge.toPrecision(6))).join() : '';
    resetButton.hidden = !zoom;
  }
}

/** The legend's values: those nearest the cursor, or the last; with their x if these differ. */
function showValues({ plot, spec, series, axis, readout, hasSpread }) {
  const over = plot?.cursor.idx != null;
  const at = (index, i) => index == null ? undefined : { x: plot.data[0][index], y: plot.data[i][index] };
  const values = series.map(({ points }, i) => over ? at(plot.cursor.idxs[i + 1], i + 1) : points.at(-1));
  const xs = new Set(values.filter(Boolean).map(value => value.x));
  const shared = xs.size === 1 ? 'at ' + formatX(axis, [...xs][0]) : '';
  readout.textContent = (over || xs.size === 0 ? shared : 'last ' + shared) + (hasSpread ? ' (shaded: the spread)' : '');
  values.forEach((value, i) => series[i].value.replaceChildren(value ? formatY(spec, value.y) : '–',
    value && xs.size > 1 ? el('span', ' at ' + formatX(axis, value.x)) : ''));
}

/** The spread, under the lines: a band, or a bar where there is a single point. */
function drawBands(series, { ctx, bbox, valToPos }) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.globalAlpha = .18;
  ctx.lineWidth = 10;
  for (const { points, colour } of series.filter(one => !one.hidden && one.points.some(point => point.high > point.low))) {
    const edge = key => points.map(point => [valToPos(point.x, 'x', true), valToPos(point[key], 'y', true)]);
    ctx.fillStyle = ctx.strokeStyle = variable(colour);
    ctx.beginPath();
    for (const [x, y] of [...edge('high'), ...edge('low').reverse()]) ctx.lineTo(x, y);
    if (points.length > 1) ctx.fill(); else ctx.stroke();
  }
  ctx.restore();
}

function sizeOf({ plotNode }) {
  const width = printing ? 660 : plotNode.clientWidth;
  return { width, height: Math.max(220, Math.min(printing ? 260 : 340, width >> 1)) };
}

function drawChart(chart) {
  const { spec, axis, group, series, plotNode } = chart;
  const empty = series.every(one => one.points.length === 0);
  chart.plot?.destroy();
  chart.plot = null;
  plotNode.replaceChildren(empty ? el('div.empty', 'No values') : '');
  showValues(chart);
  if (empty) return;

  const data = uPlot.join(series.map(({ points }) => [points.map(point => point.x), points.map(point => point.y)]));
  const k = printing ? 2 : 1; // Printed at twice the resolution
  const { width, height } = sizeOf(chart);
  const stroke = (_, i) => variable(series[i - 1].colour);
  const font = `${12 * k}px ${variable('sans')}`;
  const axisStyle = { stroke: () => variable('muted'), font, labelFont: font, gap: 6 * k };
  const axisLine = { show: true, stroke: () => variable('axis'), width: k, size: 5 * k };
  const wholeSteps = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap(power => [power, 2 * power, 5 * power]);

  chart.plot = new uPlot({
    width: width * k,
    height: height * k,
    padding: [10 * k, 14 * k, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 9, width: 2, stroke: () => variable('card'), fill: stroke },
      drag: { setScale: false, dist: 6 },
      bind: { dblclick: () => () => { setZoom(group, null); return null; } },
      sync: { key: group.key, setSeries: false, scales: ['x', null], filters: { pub: type => /^mouse(move|leave)$/.test(type) } },
    },
    scales: {
      x: { time: false, range: () => windowOf(group) },
      y: { distr: spec.format === 'log' ? 3 : 1, range: () => rangeOfY(chart) },
    },
    axes: [{
      ...axisStyle, label: text(axis.name), labelSize: 20 * k, size: 26 * k, space: 52 * k,
      grid: { show: false }, border: axisLine, ticks: axisLine,
      incrs: data[0].every(Number.isInteger) ? wholeSteps : undefined,
      values: (_, ticks, i, space, step) => tickLabels(ticks, step),
    }, {
      ...axisStyle, space: 36 * k,
      size: (_, labels) => (14 + 6.8 * Math.max(4, ...list(labels).map(label => label.length))) * k,
      grid: { stroke: () => variable('grid'), width: k }, ticks: { show: false },
      filter: (_, ticks) => ticks,
      splits: spec.format === 'log' ? (_, i, min, max) => logTicks(min, max) : undefined,
      values: (_, ticks, i, space, step) => spec.format === 'log' ? ticks.map(String)
        : spec.format === 'percent' ? tickLabels(ticks.map(tick => 100 * tick), 100 * step, '\u00a0%') : tickLabels(ticks, step),
    }],
    series: [{}, ...series.map(({ hidden, dash, points }) => ({
      show: !hidden, stroke, width: 2 * k, dash: dash.map(length => length * k),
      points: { show: points.length <= 40, size: 5 * k, width: k, stroke, fill: stroke },
    }))],
    hooks: {
      drawAxes: [self => drawBands(series, self)],
      setCursor: [() => showValues(chart)],
      setSelect: [self => {
        const [min, max] = [0, self.select.width].map(offset => self.posToVal(self.select.left + offset, 'x'));
        self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        setZoom(group, [min, max]);
      }],
    },
  }, data, plotNode);
}

function chartsSection(specs) {
  charts.push(...specs.map(makeChart));
  const head = heading('Charts');
  const both = charts.find(chart => chart.axes.length > 1);
  if (both) head.append(el('div.axis-toggle', { role: 'group' }, el('span', 'Horizontal axis'),
    ...both.axes.map((axis, i) => button('button', { 'data-axis': i }, text(axis.name), () => setAxis(i)))));
  return el('section', head, el('div.charts', null, ...charts.map(chart => chart.node)),
    el('p.note.hint', 'Drag across a chart to zoom; double-click to see it all. Click a name to hide its line.'));
}

// Printed in light colours; afterwards all is as before.
let themeBefore;
addEventListener('beforeprint', () => {
  themeBefore = root.dataset.theme;
  printing = true;
  setTheme('light');
  charts.forEach(drawChart);
});
addEventListener('afterprint', () => {
  printing = false;
  setTheme(themeBefore);
  charts.forEach(drawChart);
});

// ---- The other parts

function confusionSection({ classes, counts }) {
  const names = classes.map(text);
  const rows = names.map((_, i) => names.map((_, j) => Number(counts[i]?.[j]) || 0));
  const totals = rows.map(row => row.reduce((sum, count) => sum + count, 0));
  const errors = rows.flatMap((row, i) => row.map((count, j) => ({ i, j, count, share: count / totals[i] }))).filter(({ i, j, count }) => i !== j && count > 0);
  const worstShare = Math.max(...errors.map(({ share }) => share));

  const paint = (hue, depth) => `background: rgb(var(--${hue}) / ${depth})`;
  const cell = (count, i, j) => {
    if (count === 0) return el('td.zero', '0');
    const share = count / totals[i];
    const title = `${names[i]}, predicted ${names[j]}: ${count} of ${totals[i]} (${formatPercent(share)})`;
    return el('td', { title, style: i === j ? paint('right', .12 + .3 * share) : paint('wrong', .08 + .64 * (share / worstShare) ** .7) }, String(count));
  };
  const kind = (names.some(name => name.length > 3) ? '.names' : '') + (names.length > 12 ? '.many' : '');
  const table = el('table.heat' + kind,
    el('thead', el('tr', el('td.corner'), ...names.map(name => el('th', { scope: 'col', title: name }, el('span', name))), el('th.share', { scope: 'col' }, 'right'))),
    el('tbody', null, ...rows.map((row, i) => el('tr', el('th', { scope: 'row', title: names[i] }, names[i]),
      ...row.map((count, j) => cell(count, i, j)), el('td.share', totals[i] > 0 ? formatPercent(row[i] / totals[i], 1) : '–')))));
  const worst = errors.sort((a, b) => b.count - a.count).slice(0, 8).map(({ i, j, count }) =>
    el('li', el('div', el('b', names[i]), ' taken for ', el('b', names[j])), el('span', `${count} of ${totals[i]}`)));
  return el('section', heading('Confusion'),
    el('p.note.key', el('span', 'Rows: true class. Columns: predicted class.'), el('span', el('i', { style: paint('right', .4) }), 'right'),
      el('span', el('i', { style: paint('wrong', .5) }), 'wrong: deeper, the larger its share of the row')),
    el('div.confusion', scrollBox('Confusion', table),
      worst.length ? el('div.worst', el('h3', 'Most frequent errors'), el('ol', null, ...worst)) : null));
}

function imagesSection({ title, note, size = 56, pixelated, items }) {
  return el('section', heading(title), note ? el('p.note', text(note)) : null, el('div.images' + (pixelated ? '.pixelated' : ''), { style: `--size: ${Number(size)}px` }, ...items.filter(item => text(item.src).startsWith('data:image/png;base64,')).map(item =>
    el('figure.card', el('img', { src: item.src, width: size, height: size, alt: text(item.caption) }),
      item.caption || item.detail ? el('figcaption', text(item.caption), el('span', text(item.detail))) : null))));
}

function tableSection({ title, columns, rows, collapsed }) {
  const box = scrollBox(title, dataTable(columns, rows));
  return el('section', ...collapsed ? [el('details', el('summary', el('h2', text(title)), rows.length + ' rows'), box)] : [heading(title), box]);
}

async function copy(source, label) {
  getSelection().selectAllChildren(source);
  const done = await navigator.clipboard?.writeText(source.textContent).then(() => true, () => false) || document.execCommand('copy');
  label.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
  setTimeout(() => { label.textContent = 'Copy'; }, 2500);
}

function factsSection(facts) {
  return el('section', heading('Facts'), el('dl.facts.card', null, ...facts.map(([name, value]) => {
    const isCommand = name === 'Command';
    const content = el(isCommand || /^\S{32,}$/.test(value) ? 'code' : 'span', text(value));
    const copyButton = isCommand ? button('button.copy', { 'aria-live': 'polite' }, 'Copy', () => copy(content, copyButton)) : null;
    return el('div', el('dt', text(name)), el('dd', content, copyButton));
  })));
}

function build({ title, kind, subtitle, headline, charts: specs, confusion, images, tables, facts }) {
  const main = el('main');
  page.replaceChildren(el('header',
    el('div', el('p.note', `Lpom · ${kinds[kind]} report`), el('h1', text(title)), el('p.subtitle', text(subtitle))), themeButton), main);
  if (headline?.length) {
    const long = headline.some(({ value }) => value.length > 12) ? '.long' : '';
    main.append(el('dl.tiles' + long, null, ...headline.map(({ label, value }) => el('div.tile.card', el('dt', text(label)), el('dd', text(value))))));
  }
  if (specs?.length) {
    main.append(chartsSection(specs));
    setAxis(0);
    new ResizeObserver(() => charts.forEach(chart => {
      if (!printing && chart.plot && chart.plot.width !== sizeOf(chart).width) chart.plot.setSize(sizeOf(chart));
    })).observe(page);
  }
  if (confusion?.classes.length) main.append(confusionSection(confusion));
  main.append(...list(images).map(imagesSection), ...list(tables).map(tableSection));
  if (facts?.length) main.append(factsSection(facts));
  page.append(el('footer.note', 'Written by lpom. Charts by uPlot (MIT licence, in this file).'));
}

followSystem();
build(JSON.parse(document.getElementById('report-data').textContent));
})();
