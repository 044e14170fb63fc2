/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.amend4j.app.bench.DenseSteps;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.data.NetworkInput;
import org.amend4j.data.PictureShape;
import org.amend4j.internal.compiler.Plan;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.cuda.cost.CountingDevice;
import org.amend4j.internal.cuda.cost.Prediction;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.training.TorchAdam;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a device would do. */
@Command(
        name = "plan",
        description =
                "The products and kernels that a model compiles to on a device, and their memory: of its outputs, or of"
                        + " the training of an adapter. No device is needed, and --device changes nothing: without --card they are those of"
                        + " the CPU, with it those of cards, whose products have adapters in them. What a device cannot take is named."
                        + " With --card, also what a step of training would take on that card: counted"
                        + " without one, and predicted from its data sheet, not measured.")
final class PlanCommand extends PageJob {

    /** What networks for pictures of any size are mostly used with. */
    private static final int USUAL_SIDE = 224;
    /** Of what is made on the host for a prediction: the network, its gradient and updater, and copies on their way. */
    private static final double NETWORK_COPIES = 4;
    /** Of an array of records on the host. */
    private static final double MOST_NUMBERS = 1 << 30;

    @Parameters(
            paramLabel = "MODEL",
            arity = "0..1",
            description = "A ComputationGraph or MultiLayerNetwork zip; none with --dense.")
    private @Nullable Path model;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Plan the training of this adapter.")
    private @Nullable Path adapter;

    @Option(names = "--lora", description = "Plan the training of a fresh adapter, which the options below describe.")
    private boolean fresh;

    @Option(
            names = "--variant",
            description =
                    "${COMPLETION-CANDIDATES} (default: gradient with an adapter, else output). Without an adapter,"
                            + " all but output are of every weight.")
    private @Nullable Variant variant;

    @Option(
            names = "--side",
            paramLabel = "PIXELS",
            description = "Height and width of pictures (default: what the model or the adapter says, else 224).")
    private @Nullable Integer side;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Examples that memory is planned for (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Mixin
    private CardOptions card = new CardOptions();

    @Mixin
    private LoraOptions lora = new LoraOptions();

    /** Of the fresh adapter, if it is to be one. */
    private Optional<ResolvedLoraConfig> fit = Optional.empty();

    /** Of the pictures that are planned for; 0 if it is something else. */
    private int plannedSide;

    /** Whether that is the usual one, because none was given. */
    private boolean sideAssumed;

    @Override
    String title() {
        return "What a device computes for "
                + (model == null ? "a network of dense layers" : String.valueOf(model.getFileName()));
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    @Override
    Report run(Progress progress) {
        OptionRules.atLeast(1, "--batch", batch);
        if (fresh && adapter != null) {
            throw new BadInputException("--lora is a fresh adapter and --adapter a saved one: give one of them");
        }
        if (side != null) {
            OptionRules.atLeast(1, "--side", side);
        }
        card.requireConsistent();
        if (card.dense().isPresent()) {
            return dense(card.dense().get());
        }
        lora.given().filter(option -> !fresh).ifPresent(option -> {
            throw new BadInputException(option + " describes a fresh adapter: give --lora as well");
        });
        if (model == null) {
            throw new BadInputException("give a MODEL, or --dense LAYERSxWIDTH with --card");
        }
        BaseModel base = Models.open(model);
        if (fresh) {
            fit = Optional.of(lora.fit(base));
        }
        requireNoSequences(base.configuration());
        long[] example = exampleShape(NetworkInput.of(base.configuration()));
        try {
            Plan plan = plan(base, List.of(example));
            fit.ifPresent(fitted -> fitted.notes().forEach(progress::say));
            return report(plan, example, card.card().map(chosen -> predicted(base, example)));
        } catch (IllegalArgumentException unfit) {
            throw new BadInputException(
                    Failures.sentence(unfit)
                            + (sideAssumed ? "; " + assumption() + ", give --side" : "")
                            + onTheCpu(base, example),
                    unfit);
        }
    }

    /** A network that is not in a file: the one that {@code bench} measures. */
    private Report dense(DenseShape shape) {
        if (model != null || fresh || adapter != null || variant != null || side != null) {
            throw new BadInputException(
                    "--dense is a network of its own, with adapters: give no MODEL, --lora, --adapter,"
                            + " --variant or --side");
        }
        requireRoom(shape);
        int rank = lora.rankAlone("all layers of --dense are adapted alike");
        if (rank > shape.width()) {
            throw new BadInputException("--rank must be <= " + shape.width() + ", got " + rank);
        }
        Prediction prediction =
                card.predict(DenseSteps.calls(shape.layers(), shape.width(), rank, batch, card.arithmetic()));
        return new Report(
                new DenseFacts(shape.toString(), rank, batch, PredictedStep.of(prediction)), prediction.table());
    }

    /** The network and a batch for it are made on the host, though nothing is computed. */
    private void requireRoom(DenseShape shape) {
        double weights = (double) shape.layers() * shape.width() * shape.width();
        double records = (double) batch * shape.width();
        double gigabytes = NETWORK_COPIES * Float.BYTES * (weights + records) / (1 << 30);
        double there = Pointer.totalPhysicalBytes() / (double) (1 << 30);
        if (records > MOST_NUMBERS || gigabytes > there) {
            throw new BadInputException(String.format(
                    Locale.ROOT,
                    "--dense %s with --batch %,d is made on the host, which takes some %,.0f GiB of its %,.0f: take fewer"
                            + " layers, a smaller width or batch",
                    shape,
                    batch,
                    gigabytes,
                    there));
        }
    }

    private Prediction predicted(BaseModel base, long... example) {
        if (chosen() != Variant.GRADIENT) {
            throw new BadInputException(
                    "--card predicts a step of training: give --lora, --adapter or --variant gradient");
        }
        ComputationGraph graph = adapted() ? adapted(base, new TorchAdam()).graph() : withAdam(base.network());
        return card.predict(CountedStep.calls(graph, example, batch, card.arithmetic()));
    }

    /** The same network, whatever its own updater is. */
    private static ComputationGraph withAdam(ComputationGraph graph) {
        return new TransferLearning.GraphBuilder(graph)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new TorchAdam())
                        .build())
                .build();
    }

    /** What becomes of a network on the CPU that a device cannot take. */
    private String onTheCpu(BaseModel base, long... example) {
        try {
            return network(base, List.of(example), Scope.ANY)
                    .delegation()
                    .map(sentence -> "; on the CPU it can be computed: " + sentence)
                    .orElse("");
        } catch (IllegalArgumentException unfit) {
            return "";
        }
    }

    private static void requireNoSequences(ComputationGraphConfiguration network) {
        List<String> sequences = network.getTopologicalOrderStr().stream()
                .filter(name -> network.getVertices().get(name) instanceof LayerVertex vertex
                        && LayerKinds.readsSequences(vertex.getLayerConf().getLayer()))
                .map(name -> "'" + name + "' (" + kind(network, name) + ")")
                .toList();
        if (!sequences.isEmpty()) {
            throw new BadInputException("plans are shown of networks that take rows or pictures, not sequences: "
                    + String.join(", ", sequences) + " are of sequences; on the CPU Deeplearning4j computes such layers"
                    + " within a plan");
        }
    }

    private static String kind(ComputationGraphConfiguration network, String name) {
        LayerVertex vertex =
                (LayerVertex) Objects.requireNonNull(network.getVertices().get(name));
        return vertex.getLayerConf().getLayer().getClass().getSimpleName();
    }

    private static String assumption() {
        return "pictures of " + USUAL_SIDE + " x " + USUAL_SIDE + " pixels were assumed, the model does not say";
    }

    private Plan plan(BaseModel base, List<long[]> examples) {
        Network network = network(base, examples, Scope.KNOWN);
        if (card.card().isEmpty()) {
            return Plan.of(network, chosen());
        }
        try (CountingDevice device = new CountingDevice()) {
            return Plan.on(device, network, chosen(), card.arithmetic());
        }
    }

    private boolean adapted() {
        return fresh || adapter != null;
    }

    private Variant chosen() {
        Variant usual = adapted() ? Variant.GRADIENT : Variant.OUTPUT;
        return variant != null ? variant : usual;
    }

    private Network network(BaseModel base, List<long[]> examples, Scope scope) {
        boolean adapted = adapted();
        Variant chosen = chosen();
        if (adapted && chosen == Variant.OUTPUT) {
            throw new BadInputException("--variant output is of a plain model: merge the adapter first");
        }
        ComputationGraph graph = adapted ? adapted(base, new Sgd(1)).graph() : base.network();
        return network(graph, chosen, examples, scope);
    }

    private static Network network(ComputationGraph graph, Variant variant, List<long[]> examples, Scope scope) {
        return switch (variant) {
            case OUTPUT -> NetworkReader.inference(graph, examples, scope);
            case ERRORS -> withoutLosses(NetworkReader.training(graph, examples, scope));
            case GRADIENT -> observed(graph, TrainingExtras.LEAVE_TO_TRAINER, examples, scope);
            case VALUE, WEIGHT_GRADIENTS, CLIPPED -> observed(graph, TrainingExtras.REFUSE, examples, scope);
        };
    }

    private static Network observed(ComputationGraph graph, TrainingExtras extras, List<long[]> examples, Scope scope) {
        return NetworkReader.training(ObservedGraph.of(graph, extras).graph(), examples, scope);
    }

    private static Network withoutLosses(Network network) {
        if (!network.losses().isEmpty()) {
            throw new BadInputException("--variant errors is of a model without losses, such as a policy");
        }
        return network;
    }

    private AdaptedModel adapted(BaseModel base, IUpdater updater) {
        if (adapter != null) {
            return Models.load(base, adapter, updater);
        }
        return AdaptedModel.attach(
                base,
                fit.orElseThrow(),
                new FineTuneConfiguration.Builder().updater(updater).build(),
                Probe.none());
    }

    private long[] exampleShape(NetworkInput input) {
        if (input instanceof NetworkInput.Rows rows) {
            if (rows.columns() == 0) {
                throw new BadInputException(
                        "plans are shown of networks that take rows or pictures of a size that is known, the"
                                + " model takes " + rows.described());
            }
            return new long[] {rows.columns()};
        }
        NetworkInput.Pictures pictures = (NetworkInput.Pictures) input;
        int known = adapter == null ? 0 : DataRecord.read(adapter).side();
        int chosen = side != null ? side : pictures.side() > 0 ? (int) pictures.side() : known;
        if (chosen == 0) {
            chosen = USUAL_SIDE;
            sideAssumed = true;
        }
        plannedSide = chosen;
        return new PictureShape(chosen, Math.toIntExact(pictures.channels()), pictures.order()).shape();
    }

    private Report report(Plan plan, long[] example, Optional<Prediction> prediction) {
        Facts facts = new Facts(
                plan.variant().name(),
                LongStream.of(example).boxed().toList(),
                plannedSide > 0 ? Optional.of(new Side(plannedSide, sideAssumed)) : Optional.empty(),
                plan.length(),
                plan.network().parameters(),
                batch,
                Memory.of(plan, batch, example),
                new Work(plan.flops(batch), plan.bytesMoved(batch)),
                prediction.map(PredictedStep::of));
        String line = System.lineSeparator();
        return new Report(
                facts,
                (sideAssumed ? assumption() + " (--side)" + line : "")
                        + plan.describe(batch).stripTrailing()
                        + line
                        + besides(
                                facts.memory().parameterBytes(), facts.memory().bytesOfAnExample())
                        + prediction.map(step -> line + line + step.table()).orElse(""));
    }

    /** For JSON, of a network that is in no file. */
    private record DenseFacts(String dense, int rank, int examples, PredictedStep prediction) {}

    /**
     * For JSON.
     *
     * @param example its shape
     * @param side of pictures
     * @param steps calls of products and kernels
     * @param examples that memory is planned for
     * @param prediction of a step on the card that was asked for
     */
    private record Facts(
            String variant,
            List<Long> example,
            @JsonUnwrapped Optional<Side> side,
            int steps,
            long trainedParameters,
            int examples,
            @JsonUnwrapped Memory memory,
            @JsonUnwrapped Work work,
            Optional<PredictedStep> prediction) {}

    private record Side(int side, boolean sideAssumed) {}

    /** In bytes; what the parameters take is not part of the plan. */
    private record Memory(
            long constantBytes,
            long workingBytes,
            long workingBytesWithoutReuse,
            long parameterBytes,
            long gradientBytes,
            long adamBytes,
            long bytesOfAnExample) {

        static Memory of(Plan plan, int batch, long[] example) {
            long learnt = Float.BYTES * plan.network().parameters();
            return new Memory(
                    plan.constantBytes(),
                    plan.workingBytes(batch),
                    plan.bytesWithoutReuse(batch),
                    learnt,
                    learnt,
                    2 * learnt,
                    Float.BYTES * LongStream.of(example).reduce(1, Math::multiplyExact));
        }
    }

    /** Of one run. */
    private record Work(double flops, double bytesMoved) {}

    private static String besides(long learnt, long exampleBytes) {
        String data = String.format(Locale.ROOT, "all examples, %,d bytes each and their labels", exampleBytes);
        return learnt == 0
                ? "Not counted: " + data + "."
                : String.format(
                        Locale.ROOT,
                        "Not counted: trained parameters and gradient, %,d bytes each, twice as much for Adam; %s.",
                        learnt,
                        data);
    }
}
