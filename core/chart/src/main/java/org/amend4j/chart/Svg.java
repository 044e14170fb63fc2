/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.amend4j.html.Html;

/** What XChart writes as a file, as an element of a page. */
final class Svg {

    private static final Pattern BEGIN = Pattern.compile("<svg\\b[^>]*\\bviewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"[^>]*>");

    /** XChart numbers what it clips at random. */
    private static final Pattern CLIP = Pattern.compile("clip\\d+");

    private static final Pattern OWN_CLIP = Pattern.compile("clip-(?=\\d)");

    private static final Pattern TAG = Pattern.compile("<[^>]*>");

    private static final Pattern SEGMENT = Pattern.compile(
            "<line style=\"([^\"]*)\" x1=\"([^\"]*)\" x2=\"([^\"]*)\" y1=\"([^\"]*)\" y2=\"([^\"]*)\"/>");

    private static final Pattern MARK = Pattern.compile(
            "<ellipse cx=\"([^\"]*)\" cy=\"([^\"]*)\" rx=\"3\" ry=\"3\" style=\"fill:([^;]*);stroke:none;\"/>");

    private static final Pattern DECIMALS = Pattern.compile("(-?\\d+)\\.(\\d{2})\\d+");

    private static final Pattern FONT = Pattern.compile("font-family:&quot;[^;]*&quot;;");

    private Svg() {}

    /**
     * Without what stands before the element, as wide as its surroundings, with a title for who cannot see it. The same drawing has the
     * same bytes, and its names are those of no other drawing on the page.
     */
    static String inline(String file, String title) {
        Matcher begin = BEGIN.matcher(file);
        if (!begin.find()) {
            throw new IllegalStateException("there must be an svg element with a viewBox, got "
                    + file.substring(0, Math.min(300, file.length())));
        }
        String width = begin.group(1);
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 "
                + width + " " + begin.group(2) + "\" width=\"100%\" style=\"max-width:" + width
                + "px;height:auto;font:12px sans-serif\" role=\"img\" aria-label=\"" + Html.escaped(title) + "\">"
                + renamed(joined(marked(file.substring(begin.end()).stripTrailing())));
    }

    /** Segments that continue one another as one line, numbers with two decimals, the page's font. */
    private static String joined(String drawing) {
        StringBuilder out = new StringBuilder();
        String style = "";
        String end = "";
        boolean open = false;
        for (String line : inTags(drawing, DECIMALS, "$1.$2").lines().toList()) {
            Matcher segment = SEGMENT.matcher(line.strip());
            boolean goesOn = segment.matches()
                    && segment.group(1).equals(style)
                    && end.equals(segment.group(2) + "," + segment.group(4));
            if (open && !goesOn) {
                out.append("\"/>\n");
            }
            open = segment.matches();
            if (!open) {
                out.append(line.strip()).append('\n');
                continue;
            }
            if (!goesOn) {
                style = segment.group(1);
                out.append("<polyline style=\"").append(style).append("\" points=\"");
                out.append(segment.group(2)).append(',').append(segment.group(4));
            }
            end = segment.group(3) + "," + segment.group(5);
            out.append(' ').append(end);
        }
        return inTags(out.toString().stripTrailing(), FONT, "");
    }

    /** Marks of one colour as one path of dots, each a step from the last in tenths of a pixel. */
    private static String marked(String drawing) {
        StringBuilder out = new StringBuilder();
        String colour = "";
        long x = 0;
        long y = 0;
        for (String line : drawing.lines().toList()) {
            Matcher mark = MARK.matcher(line.strip());
            boolean marks = mark.matches();
            boolean goesOn = marks && mark.group(3).equals(colour);
            if (!colour.isEmpty() && !goesOn) {
                out.append("\"/>\n");
            }
            if (!marks) {
                colour = "";
                out.append(line).append('\n');
                continue;
            }
            if (!goesOn) {
                colour = mark.group(3);
                out.append("<path style=\"fill:none;stroke:").append(colour);
                out.append(";stroke-width:6;stroke-linecap:round;\" d=\"M0 0");
                x = 0;
                y = 0;
            }
            long toX = tenths(mark.group(1));
            long toY = tenths(mark.group(2));
            out.append('m')
                    .append(step(toX - x))
                    .append(' ')
                    .append(step(toY - y))
                    .append("h0");
            x = toX;
            y = toY;
        }
        return out.toString();
    }

    private static long tenths(String pixels) {
        return Math.round(10 * Double.parseDouble(pixels));
    }

    private static String step(long tenths) {
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
    }

    /** Replaces in elements' names and attributes; what stands between them are the chart's own words. */
    private static String inTags(String drawing, Pattern pattern, String replacement) {
        return TAG.matcher(drawing)
                .replaceAll(tag ->
                        Matcher.quoteReplacement(pattern.matcher(tag.group()).replaceAll(replacement)));
    }

    private static String renamed(String drawing) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        String numbered = TAG.matcher(drawing)
                .replaceAll(tag -> Matcher.quoteReplacement(CLIP.matcher(tag.group())
                        .replaceAll(
                                match -> "clip-" + numbers.computeIfAbsent(match.group(), name -> numbers.size()))));
        CRC32 sum = new CRC32();
        sum.update(numbered.getBytes(StandardCharsets.UTF_8));
        return inTags(numbered, OWN_CLIP, "clip-" + Long.toHexString(sum.getValue()) + "-");
    }
}
