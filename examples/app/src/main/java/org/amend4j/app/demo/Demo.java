/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.Method;
import org.amend4j.app.lora.MethodTable;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Chart;

/** The demo as a job: {@link FashionDemo}, then the second process, then report and chart. */
public final class Demo {

    private Demo() {}

    /**
     * Runs everything and leaves base model, adapter, report and chart in a folder.
     *
     * @param fully whether full fine-tuning is measured too
     */
    public static Report run(Path out, long seed, boolean fully, Compute compute, Progress progress)
            throws IOException {
        long start = System.nanoTime();
        FashionDemo.Outcome outcome = new FashionDemo(out, seed, compute, progress).run(fully);
        Reloaded reloaded;
        try (Progress.Stage stage = progress.stage("second process reloads the adapter", 1)) {
            reloaded = Reloaded.inSecondProcess(out);
            stage.step(1);
        }
        DemoReport result = new DemoReport(
                seed, outcome.rows(), outcome.comparison().changes(), reloaded, (System.nanoTime() - start) / 1e9);
        return report(out, fully, result, outcome);
    }

    /** Of what was done, in a folder. */
    static Report report(Path out, boolean fully, DemoReport result, FashionDemo.Outcome outcome) throws IOException {
        Report report = new Report(result.facts(), result.text() + "\n\n" + DemoFiles.whereToLook(out, fully))
                .showing(outcome.map(), outcome.comparison().view());
        return report.keep(
                DemoFiles.methods(out).report(), "What MobileNetV2 learns of clothes", chart(outcome.rows(), out));
    }

    /**
     * Test accuracy against seconds of training, one line a method; seconds are logarithmic, since methods differ a hundredfold.
     *
     * @return the SVG file
     */
    static List<Path> chart(List<Method> rows, Path out) throws IOException {
        Chart chart = MethodTable.chart(
                "MobileNetV2 on Fashion-MNIST, 6,000 training pictures",
                "seconds of training after the frozen layers (logarithmic)",
                "right on 1,000 test pictures, %",
                rows);
        return ChartFiles.write(Map.of("chart", chart), 1, out, "chart.png");
    }
}
