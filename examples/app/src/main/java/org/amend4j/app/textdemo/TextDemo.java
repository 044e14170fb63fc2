/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.Method;
import org.amend4j.app.lora.MethodTable;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.app.text.Novels;
import org.amend4j.chart.Chart;

/** The demo as a job: {@link CategoryTask}, then {@link AuthorTask}, then report, page and charts. */
public final class TextDemo {

    /** Through Moby-Dick. */
    static final int AUTHOR_EPOCHS = 2;

    private TextDemo() {}

    /** For JSON. */
    private record Facts(
            String encoder,
            String data,
            long seed,
            List<Method.Facts> methods,
            String decoder,
            AuthorTask.Outcome author,
            double seconds) {}

    /** Runs everything and leaves models, adapters, report and charts in a folder. */
    public static Report run(Path out, long seed, Compute compute, Progress progress) throws IOException {
        CategoryTask categories =
                new CategoryTask(out, BrownCorpus.read(), CategoryTask.Extent.WHOLE, seed, compute, progress);
        AuthorTask.Readings readings = new AuthorTask.Readings(Novels.mobyDick(), Novels.austen(), AUTHOR_EPOCHS);
        AuthorTask author = new AuthorTask(out, readings, seed, compute, progress);
        return run(out, categories, author, seed);
    }

    static Report run(Path out, CategoryTask categories, AuthorTask second, long seed) throws IOException {
        long start = System.nanoTime();
        BaseModels.writeMiniLm(TextDemoFiles.encoder(out));
        BaseModels.writeAusten(TextDemoFiles.decoder(out));
        List<Method> methods = categories.run();
        AuthorTask.Outcome author = second.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        Facts facts = new Facts(
                "all-MiniLM-L6-v2, " + CategoryTask.POOLING.name().toLowerCase(Locale.ROOT) + " of tokens",
                categories.sentence(),
                seed,
                methods.stream().map(Method::facts).toList(),
                "a Llama of 1 million weights that text pretrain made of Jane Austen's novels",
                author,
                seconds);
        return report(out, facts, methods);
    }

    private static Report report(Path out, Facts facts, List<Method> methods) throws IOException {
        String text = MethodTable.of(methods)
                + AuthorView.text(facts.author())
                + String.format(Locale.ROOT, "%nThe whole job took %.0f s.%n%n", facts.seconds())
                + TextDemoFiles.whereToLook(out);
        return new Report(facts, text)
                .showing(new AuthorView(facts.author()))
                .keep(
                        TextDemoFiles.categories(out).report(),
                        "What small language models learn",
                        charts(out, methods, facts.author()));
    }

    private static List<Path> charts(Path out, List<Method> methods, AuthorTask.Outcome author) throws IOException {
        Map<String, Chart> charts = new LinkedHashMap<>();
        charts.put(
                "categories",
                MethodTable.chart(
                        "MiniLM on 15 categories of the Brown corpus",
                        "seconds of training (logarithmic)",
                        "right on passages of other texts, %",
                        methods));
        double[] seconds = author.secondsByEpoch().stream().mapToDouble(x -> x).toArray();
        double[] at = new double[seconds.length + 1];
        double[] perplexity = new double[at.length];
        perplexity[0] = author.base().melville();
        for (int epoch = 0; epoch < seconds.length; epoch++) {
            at[epoch + 1] = at[epoch] + seconds[epoch];
            perplexity[epoch + 1] = author.melvilleByEpoch().get(epoch);
        }
        charts.put(
                "author",
                Chart.of("Austen's model reads Melville", "seconds of training", "perplexity on the end of Moby-Dick")
                        .line("LoRA, rank " + AuthorTask.RANK, at, perplexity));
        return ChartFiles.write(charts, 2, out, "chart.png");
    }
}
