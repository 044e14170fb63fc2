/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.app.text.ClassifiedTexts;
import org.amend4j.app.text.TextTable;
import org.amend4j.app.text.TokenBatches;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.TokenRecords;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.app.textdemo.BaseModels;
import org.amend4j.app.textdemo.BrownCorpus;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.WeightStorage;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.BaseModel;
import org.amend4j.text.Tokenizer;
import org.amend4j.training.PlannedTraining;
import org.amend4j.training.RecordParts;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;

/**
 * What keeping frozen weights in few bits costs in accuracy: MiniLM with adapters on all 36 linear layers learns the categories of the
 * Brown corpus above weights in each storage, with the same texts, start and batches. The trained adapters are tested on passages of other
 * texts twice, above the base as it is (W) and above the weights that they were trained on (V). Differences from single precision are
 * paired by seed; a seed draws the split of texts, the start, and the order of passages.
 */
public final class StoredAccuracyBenchmark {

    private static final int SEEDS = 5;
    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final double RATE = 1e-3;
    private static final int EPOCHS = 2;
    private static final int BATCH = 16;
    private static final int LENGTH = 64;

    /** Passages of each text to learn from: 1,200 in all. */
    private static final int LEARNED = 3;
    /** Passages of each text to test with, more of them, so that a difference of a point is seen. */
    private static final int TESTED = 20;

    private static final int TEST_BATCH = 32;
    /** The last steps, whose losses are averaged: one is of 16 passages alone. */
    private static final int LAST = 25;

    private static final int ADAPTERS = 36;
    private static final String LINEAR = ".*encoder\\.layer\\..*\\.(query|key|value|dense)";
    private static final String CLASSIFIER = "classifier";

    private final BenchReport report;
    private final Path folder;
    private final Tokenizer tokens;
    private final BrownCorpus corpus = BrownCorpus.read();
    private final List<String> classes = corpus.categories();

    private StoredAccuracyBenchmark(BenchReport report, Path folder) throws IOException {
        this.report = report;
        this.folder = folder;
        BaseModels.writeMiniLm(folder);
        this.tokens = Vocabulary.open(folder, Optional.empty(), Integer.MAX_VALUE);
    }

    /**
     * Measures and prints.
     *
     * @param arguments the directory of the results; optionally the number of seeds, or {@code default}, and storages to compare with
     *     single precision, all without
     */
    public static void main(String[] arguments) throws IOException {
        List<String> all = List.of(arguments);
        boolean usual = all.size() < 2 || all.get(1).equals("default");
        Set<WeightStorage> storages = new LinkedHashSet<>(List.of(WeightStorage.FP32));
        if (all.size() < 3) {
            storages.addAll(List.of(WeightStorage.values()));
        }
        all.stream()
                .skip(2)
                .map(name -> WeightStorage.valueOf(name.toUpperCase(Locale.ROOT)))
                .forEach(storages::add);
        BenchReport report = new BenchReport("stored-accuracy", Machine.prepare());
        Path folder = Files.createTempDirectory("amend4j-minilm");
        try {
            new StoredAccuracyBenchmark(report, folder.resolve("encoder"))
                    .run(usual ? SEEDS : Integer.parseInt(all.get(1)), storages);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        report.write(Path.of(all.get(0)));
    }

    /**
     * How an adapter does on passages of other texts.
     *
     * @param answers the category it tells, of each passage
     * @param entropy mean of −ln p(category)
     */
    private record Test(List<Integer> answers, double accuracy, double entropy) {

        /** In per cent. */
        double otherThan(Test test) {
            long others = IntStream.range(0, answers.size())
                    .filter(k -> !answers.get(k).equals(test.answers.get(k)))
                    .count();
            return 100.0 * others / answers.size();
        }
    }

    /** What came of a training: the mean loss of its last steps, its time, and its tests above either base. */
    private record Outcome(double loss, double seconds, Test aboveBase, Test aboveStored) {}

    /** What a seed draws. */
    private record Job(long seed, TokenExamples training, TokenExamples test, BaseModel base) {}

    private void run(int seeds, Set<WeightStorage> storages) throws IOException {
        Map<WeightStorage, List<Outcome>> outcomes = new EnumMap<>(WeightStorage.class);
        try (HostMachine machine = HostMachine.open()) {
            for (long seed = 1; seed <= seeds; seed++) {
                Job job = job(seed);
                if (seed == 1) {
                    head(job);
                }
                for (WeightStorage storage : storages) {
                    Outcome outcome = train(machine, job, storage);
                    outcomes.computeIfAbsent(storage, key -> new ArrayList<>()).add(outcome);
                    row(seed, storage, outcome);
                }
            }
        }
        compare(outcomes);
    }

    private Job job(long seed) throws IOException {
        // a split depends on the seed alone, not on the number of passages
        TextTable training = corpus.split(LEARNED, seed).training();
        TextTable test = corpus.split(TESTED, seed).test();
        EncoderOutput output = new EncoderOutput.Classes(classes, Optional.of(Pooling.MEAN), seed);
        BaseModel base = BaseModel.of(
                TransformerModel.open(folder, DataType.FLOAT, output).graph());
        return new Job(
                seed,
                ClassifiedTexts.of(training, tokens, classes, LENGTH),
                ClassifiedTexts.of(test, tokens, classes, LENGTH),
                base);
    }

    private void head(Job job) {
        note(
                "%n%,d passages to learn from, %,d of other texts to test with, %d categories; rank %d, %d epochs in batches of %d, rate %s.%n",
                job.training().size(), job.test().size(), classes.size(), RANK, EPOCHS, BATCH, RATE);
        note(
                "| seed | storage | loss of the last %d steps | accuracy above W | above V | cross-entropy above W | above V | training |",
                LAST);
        note("|---|---|---|---|---|---|---|---|");
    }

    private static ComputationGraph adapted(Job job) {
        LoraConfig adapters =
                LoraConfig.of(RANK, ALPHA).withTargets(Targets.regex(LINEAR)).withTrainedInFull(CLASSIFIER);
        FineTuneConfiguration steps = new FineTuneConfiguration.Builder()
                .seed(job.seed())
                .updater(new Adam(RATE))
                .build();
        return AdaptedModel.attach(job.base(), adapters, steps).graph();
    }

    private static Outcome train(HostMachine machine, Job job, WeightStorage storage) {
        Arithmetic arithmetic = Arithmetic.SINGLE.keeping(storage);
        TokenBatches batches = new TokenBatches(job.training(), BATCH, job.seed());
        ComputationGraph graph = adapted(job);
        List<Double> losses = new ArrayList<>();
        RecordParts records = new TokenRecords(job.training());
        try (PlannedTraining training = PlannedTraining.of(machine, graph, records, BATCH, arithmetic)) {
            long begun = System.nanoTime();
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                training.begin(batches.steps(epoch));
                while (training.hasNext()) {
                    training.next();
                    losses.add(training.loss());
                }
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            training.copyInto(graph);
            double[] parameters = ParameterVectors.of(graph);
            Network network = answering(NetworkReader.training(
                    ObservedGraph.of(graph, TrainingExtras.LEAVE_TO_TRAINER).graph(),
                    records.exampleShapes(),
                    Scope.of(machine.callsOut())));
            Test aboveBase = test(machine, network, Arithmetic.SINGLE, parameters, job.test());
            Test aboveStored = storage == WeightStorage.FP32
                    ? aboveBase
                    : test(machine, network, arithmetic, parameters, job.test());
            double loss = mean(losses.subList(losses.size() - LAST, losses.size()), value -> value);
            return new Outcome(loss, seconds, aboveBase, aboveStored);
        }
    }

    /** What is trained, up to the numbers that its loss reads: the adapters stay beside the frozen weights, which are kept as in training. */
    private static Network answering(Network trained) {
        if (trained.adapters().size() != ADAPTERS) {
            throw new IllegalStateException("MiniLM has 36 linear layers, adapted are "
                    + trained.adapters().size());
        }
        int last = trained.nodes().size() - 1;
        Node loss = trained.nodes().get(last);
        if (!(loss.operation() instanceof Operation.Loss)) {
            throw new IllegalStateException("the last node must be the loss, got " + loss);
        }
        return new Network(trained.nodes().subList(0, last), trained.parameters(), trained.inputs(), loss.inputs());
    }

    private static Test test(
            HostMachine machine, Network network, Arithmetic arithmetic, double[] parameters, TokenExamples examples) {
        List<Integer> answers = new ArrayList<>();
        double entropy = 0;
        int right = 0;
        int size = examples.size();
        int[] places = IntStream.range(0, size).toArray();
        try (PlanSession session = PlanSession.open(machine, network, arithmetic, TEST_BATCH);
                PlacedRecords records = new PlacedRecords(
                        machine, arithmetic.type(), new TokenRecords(examples), network, TEST_BATCH)) {
            session.setParameters(parameters);
            for (int from = 0; from < size; from += TEST_BATCH) {
                int to = Math.min(size, from + TEST_BATCH);
                double[] outputs = session.outputs(records.batch(places, from, to, Optional.empty()))
                        .get(0);
                int width = outputs.length / (to - from);
                for (int k = from; k < to; k++) {
                    double[] scores = Arrays.copyOfRange(outputs, (k - from) * width, (k - from + 1) * width);
                    int label = examples.get(k).labels()[0];
                    int answer = largest(scores);
                    answers.add(answer);
                    right += answer == label ? 1 : 0;
                    entropy += logSum(scores) - scores[label];
                }
            }
        }
        return new Test(answers, 100.0 * right / size, entropy / size);
    }

    private static int largest(double... scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .max(Comparator.comparingDouble(k -> scores[k]))
                .orElseThrow();
    }

    private static double logSum(double... scores) {
        double most = Arrays.stream(scores).max().orElseThrow();
        return most
                + Math.log(Arrays.stream(scores)
                        .map(score -> Math.exp(score - most))
                        .sum());
    }

    private void row(long seed, WeightStorage storage, Outcome outcome) {
        note(
                "| %d | %s | %.4f | %.2f %% | %.2f %% | %.4f | %.4f | %.0f s |",
                seed,
                storage,
                outcome.loss(),
                outcome.aboveBase().accuracy(),
                outcome.aboveStored().accuracy(),
                outcome.aboveBase().entropy(),
                outcome.aboveStored().entropy(),
                outcome.seconds());
        report.keep(
                "seed " + seed + ", " + storage,
                Map.of(
                        "loss", outcome.loss(),
                        "accuracy above W", outcome.aboveBase().accuracy(),
                        "accuracy above V", outcome.aboveStored().accuracy(),
                        "cross-entropy above W", outcome.aboveBase().entropy(),
                        "cross-entropy above V", outcome.aboveStored().entropy(),
                        "seconds", outcome.seconds()));
    }

    private void compare(Map<WeightStorage, List<Outcome>> outcomes) {
        List<Outcome> reference = outcomes.getOrDefault(WeightStorage.FP32, List.of());
        note(
                "%nFP32: %.2f %%. Differences from it, means of %d paired by seed, and their standard errors:%n",
                mean(reference, outcome -> outcome.aboveBase().accuracy()), reference.size());
        note(
                "| storage | tested above | accuracy | difference, points | cross-entropy, difference | other answers than FP32's |");
        note("|---|---|---|---|---|---|");
        outcomes.forEach((storage, some) -> {
            if (storage != WeightStorage.FP32) {
                List<Test> base = reference.stream().map(Outcome::aboveBase).toList();
                compare(
                        storage + " | W",
                        base,
                        some.stream().map(Outcome::aboveBase).toList());
                compare(
                        storage + " | V",
                        base,
                        some.stream().map(Outcome::aboveStored).toList());
            }
        });
    }

    private void compare(String what, List<Test> reference, List<Test> tests) {
        List<Double> points = differences(reference, tests, Test::accuracy);
        List<Double> entropies = differences(reference, tests, Test::entropy);
        double others = IntStream.range(0, tests.size())
                .mapToDouble(k -> tests.get(k).otherThan(reference.get(k)))
                .average()
                .orElseThrow();
        note(
                "| %s | %.2f %% | %+.2f%s | %+.4f%s | %.1f %% |",
                what,
                mean(tests, Test::accuracy),
                mean(points, value -> value),
                error("%.2f", points),
                mean(entropies, value -> value),
                error("%.4f", entropies),
                others);
        report.keep(what.replace(" |", ", above"), Map.of("points", points, "other answers", others));
    }

    private static List<Double> differences(List<Test> from, List<Test> tests, ToDoubleFunction<Test> measure) {
        return IntStream.range(0, tests.size())
                .mapToObj(k -> measure.applyAsDouble(tests.get(k)) - measure.applyAsDouble(from.get(k)))
                .toList();
    }

    private static <T> double mean(List<T> values, ToDoubleFunction<T> measure) {
        return values.stream().mapToDouble(measure).average().orElseThrow();
    }

    /** The standard error of the mean; nothing for a single value, which has none. */
    private static String error(String pattern, List<Double> values) {
        if (values.size() < 2) {
            return "";
        }
        double mean = mean(values, value -> value);
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return " ± " + String.format(Locale.ROOT, pattern, Math.sqrt(squares / (values.size() - 1) / values.size()));
    }

    private void note(String pattern, Object... values) {
        report.note(String.format(Locale.ROOT, pattern, values));
    }
}
