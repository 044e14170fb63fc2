/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.amend4j.app.lora.Method;
import org.amend4j.app.lora.MethodTable;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Chart;

/** Test accuracy against seconds of training, one line a method; seconds are logarithmic, since methods differ a hundredfold. */
final class DemoChart {

    private DemoChart() {}

    /**
     * Writes {@code chart.png} and {@code chart.svg}.
     *
     * @return the SVG file
     */
    static List<Path> write(List<Method> rows, Path out) throws IOException {
        Chart chart = MethodTable.chart(
                "MobileNetV2 on Fashion-MNIST, 6,000 training pictures",
                "seconds of training after the frozen layers (logarithmic)",
                "right on 1,000 test pictures, %",
                rows);
        return ChartFiles.write(Map.of("chart", chart), 1, out, "chart.png");
    }
}
