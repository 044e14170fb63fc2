/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.data.WholeFile;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Test accuracy against seconds of training, one line a method. */
final class DemoChart {

    private DemoChart() {}

    /** Writes {@code chart.png} and {@code chart.svg}. */
    static void write(List<Row> rows, Path out) throws IOException {
        XYChart chart = chart(rows);
        WholeFile.write(
                out.resolve("chart.png"),
                file -> BitmapEncoder.saveBitmapWithDPI(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG, 144));
        WholeFile.write(
                out.resolve("chart.svg"),
                file -> VectorGraphicsEncoder.saveVectorGraphic(
                        chart, file.toString(), VectorGraphicsEncoder.VectorGraphicsFormat.SVG));
    }

    private static XYChart chart(List<Row> rows) {
        XYChart chart = new XYChartBuilder()
                .width(720)
                .height(440)
                .title("MobileNetV2 on Fashion-MNIST (6,000 training pictures)")
                .xAxisTitle("seconds of training, after the frozen layers")
                .yAxisTitle("right on 1,000 test pictures, %")
                .build();
        chart.getStyler()
                .setLegendPosition(LegendPosition.InsideSE)
                .setMarkerSize(6)
                .setChartBackgroundColor(java.awt.Color.WHITE);
        for (Row row : rows) {
            List<Double> at = new ArrayList<>();
            List<Double> percent = new ArrayList<>();
            double sum = 0;
            for (int epoch = 0; epoch < row.seconds().size(); epoch++) {
                sum += row.seconds().get(epoch);
                at.add(sum);
                percent.add(100 * row.accuracies().get(epoch));
            }
            chart.addSeries(
                    String.format(java.util.Locale.ROOT, "%s, %,d parameters", row.method(), row.parameters()),
                    at,
                    percent);
        }
        return chart;
    }
}
