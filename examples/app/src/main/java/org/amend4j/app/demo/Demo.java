/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;

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
                DemoFiles.methods(out).report(),
                "What MobileNetV2 learns of clothes",
                DemoChart.write(outcome.rows(), out));
    }
}
