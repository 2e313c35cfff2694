import type { EChartsType } from "echarts";

/** A chart as SVG. The library numbers charts and styles in its process; here they are numbered within the figure, so that it depends on its data alone. */
export function svgOf(chart: EChartsType): string {
  const svg = chart.renderToSVGString().replaceAll(/\bzr\d+-/g, "zr-");
  chart.dispose();
  const styles = [...new Set(svg.match(/\bzr-cls-\d+/g))];
  return `${svg.replaceAll(/\bzr-cls-\d+/g, (name) => `zr-cls-${styles.indexOf(name)}`)}\n`;
}
