/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.amend4j.app.files.WholeFile;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Charts;

/** Charts as files. */
public final class ChartFiles {

    private ChartFiles() {}

    /**
     * Writes each chart as an SVG file of its name, and one picture with all of them.
     *
     * @param charts by name, in an order that is kept
     * @param columns of the picture
     * @param png the picture's name
     * @return the SVG files, in the charts' order
     */
    public static List<Path> write(Map<String, Chart> charts, int columns, Path out, String png) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, Chart> chart : charts.entrySet()) {
            Path file = out.resolve(chart.getKey() + ".svg");
            WholeFile.write(file, chart.getValue().svg().getBytes(StandardCharsets.UTF_8));
            files.add(file);
        }
        picture(List.copyOf(charts.values()), columns, out.resolve(png));
        return List.copyOf(files);
    }

    /** Writes one PNG file with all charts. */
    public static void picture(List<Chart> charts, int columns, Path file) throws IOException {
        WholeFile.write(file, temporary -> ImageIO.write(Charts.grid(charts, columns), "png", temporary.toFile()));
    }
}
