/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.ChartFiles;

/** The demo: {@link PoleStory} and {@link XorStory}, then report and charts. */
public final class PolicyDemo {

    private static final String MORAL = """
            What this shows, and what not. The adapter recovers the return with few parameters, and the base under it is
            still the old policy, bit for bit; it is not faster than full fine-tuning, and on a problem this small nobody
            needs it to be. Cart, rank and the adapter's learning rate were picked in a few trials; the others have
            REINFORCE's usual rate, which is practice mode: its steps promise nothing. The XOR process was made to have a
            saddle; that noise leads off it says nothing about how long that takes elsewhere. Reports from samples are
            evidence with intervals, no proofs.
            """;

    private PolicyDemo() {}

    /**
     * How much of it.
     *
     * @param pole the first story
     * @param xor the second
     */
    record Size(PoleStory.Size pole, XorStory.Size xor) {

        static final Size FULL = new Size(PoleStory.Size.FULL, XorStory.Size.FULL);
    }

    /**
     * Everything, into a folder.
     *
     * @param version of this program
     * @throws InterruptedException if the thread is interrupted
     */
    public static Report run(Path out, String version, Progress progress) throws IOException, InterruptedException {
        return run(Size.FULL, out, version, progress);
    }

    /** A smaller one. */
    static Report run(Size size, Path out, String version, Progress progress) throws IOException, InterruptedException {
        try {
            return tell(size, out, version, progress);
        } catch (ClosedByInterruptException interrupted) {
            throw new InterruptedException("The demo begins anew next time.");
        }
    }

    private static Report tell(Size size, Path out, String version, Progress progress)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        PoleStory.Result pole = PoleStory.run(size.pole(), out, progress);
        XorStory.Result xor = XorStory.run(size.xor(), progress);
        List<Path> figures =
                new ArrayList<>(ChartFiles.write(Map.of("pole", PoleStory.chart(pole)), 1, out, "pole.png"));
        figures.addAll(ChartFiles.write(XorStory.charts(xor), 2, out, "xor.png"));
        double seconds = (System.nanoTime() - begin) / 1e9;
        Facts facts =
                new Facts(version, Runtime.version().toString(), PoleStory.facts(pole), XorStory.facts(xor), seconds);
        Report report = new Report(facts, text(pole, xor, out, seconds)).saying(PoleStory.sentence(pole));
        return report.keep(out.resolve("report.json"), "A policy meets another pole, and a saddle", figures);
    }

    private record Facts(String version, String java, PoleStory.Facts pole, XorStory.Facts xor, double seconds) {}

    private static String text(PoleStory.Result pole, XorStory.Result xor, Path out, double seconds) {
        String line = System.lineSeparator();
        return PoleStory.text(pole)
                + line
                + XorStory.text(xor)
                + line
                + MORAL
                + line
                + String.format(
                        Locale.ROOT,
                        "The whole job took %.0f s. report.html, report.json, pole.png, xor.png (with SVG files) and policies are in %s.",
                        seconds,
                        out);
    }
}
