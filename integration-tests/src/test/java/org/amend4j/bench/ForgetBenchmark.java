/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.amend4j.app.forget.ClothesCoordinates;
import org.amend4j.app.forget.ClothesModel;
import org.amend4j.app.forget.PrivateClothes;
import org.amend4j.app.forget.ServiceFolder;
import org.amend4j.app.job.Threads;
import org.amend4j.certificate.Certificate;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * What a certified deletion costs beyond its gradients: users leave an adapter one after the other, and every answer of the
 * service, with its plan, sealed checkpoints on disk, noise, release, ledger and certificate, is timed against as many bare
 * gradient steps on the same records.
 */
public final class ForgetBenchmark {

    private static final String ANSWER = "answer of the service";
    private static final String BARE = "as many bare gradient steps";

    private ForgetBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of deletions, or {@code default}
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        BenchReport report = new BenchReport("forget", Machine.prepare());
        boolean usual = arguments.length < 2 || arguments[1].equals("default");
        int rounds = usual ? 7 : Integer.parseInt(arguments[1]);
        Path directory = Path.of(arguments[0]);
        PrivateClothes clothes = PrivateClothes.of(ClothesCoordinates.read());
        Threads.useOne();
        BaseModel base = BaseModel.of(ClothesModel.base(clothes));
        ClothesModel model = ClothesModel.fullBatch(base, clothes);
        Path folder = Files.createTempDirectory("forget");
        OtherLoad others = new OtherLoad();
        List<Double> answers = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        List<Double> outside = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        try (ServiceFolder files = model.service(folder, clothes)) {
            files.service().train(StepListener.NONE);
            for (int user = 0; user < rounds; user++) {
                files.service().request(List.of(String.valueOf(user)));
                Loop loop = new Loop();
                long begin = System.nanoTime();
                Certificate certificate =
                        files.answer(UnlearningMethod.NoisyRewind.class, loop).certificate();
                double answer = milliseconds(begin);
                answers.add(answer);
                int redone = certificate.grounds().algorithm().redone();
                RecordIds gone = clothes.records()
                        .ownedByAnyOf(LongStream.rangeClosed(0, user).toArray());
                double steps = bareSteps(model, gone, redone);
                bare.add(steps);
                outside.add((answer - loop.milliseconds() - steps / redone) / steps);
                shares.add((double) redone / model.steps());
            }
        }
        Map<String, List<Double>> times = new LinkedHashMap<>();
        times.put(ANSWER, answers);
        times.put(BARE, bare);
        PairedTiming timing = new PairedTiming(times);
        report.add(
                "a user forgotten, " + clothes.records().size() + " records",
                new BenchReport.Result(timing, ANSWER, others.processors(), Map.of("rounds", rounds)));
        double ratio = timing.medianRatio(ANSWER, BARE);
        report.note(String.format(
                Locale.ROOT,
                "- beyond its gradients: %.1f %% (median of paired ratios), about %.0f ms; share of the steps redone: %s",
                100 * (ratio - 1),
                timing.median(ANSWER) - timing.median(BARE),
                shares));
        report.note(String.format(
                Locale.ROOT,
                "- before the first and after the last step: %.1f %% of the bare steps (median), from %.1f to %.1f",
                100 * PairedTiming.median(asArray(outside)),
                100 * outside.stream().mapToDouble(x -> x).min().orElseThrow(),
                100 * outside.stream().mapToDouble(x -> x).max().orElseThrow()));
        report.keep("outside", outside);
        report.keep("ratio", ratio);
        report.keep("shares", shares);
        report.write(directory);
    }

    private static double[] asArray(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** When steps were made: what an answer does outside of them is known more exactly than a difference of two long times. */
    private static final class Loop implements StepListener {
        private long first;
        private long last;

        @Override
        public void madeStep(int step, int of) {
            last = System.nanoTime();
            first = first == 0 ? last : first;
        }

        /** From the end of the first step to the end of the last. */
        double milliseconds() {
            return (last - first) / 1e6;
        }
    }

    /** Steps from the start; where they are made does not matter for their time. */
    private static double bareSteps(ClothesModel model, RecordIds without, int count) {
        RecordObjective objective = model.run()
                .objective()
                .restrictedTo(model.run().objective().records().without(without));
        double[] theta = model.problem().start();
        double[] gradient = new double[theta.length];
        double eta = model.run().recipe().stepSizes().at(0);
        long begin = System.nanoTime();
        for (int t = 0; t < count; t++) {
            objective.valueAndGradient(theta, gradient);
            for (int i = 0; i < theta.length; i++) {
                theta[i] -= eta * gradient[i];
            }
        }
        return milliseconds(begin);
    }

    private static double milliseconds(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }
}
