/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.config.Targets;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The first matrix of a gated DINOv2, one matrix here and in checkpoints, as the two modules that it is in memory since release 5 of
 * transformers: {@code gate_proj} is the first half of its outputs, {@code up_proj} the second. Both ways change no function: halves of
 * one adapter share A, and halves with an A each are one adapter of both ranks.
 */
final class GatedModules {

    private static final String WHOLE = ".mlp.weights_in";
    private static final List<String> HALVES = List.of(".mlp.gate_proj", ".mlp.up_proj");

    private GatedModules() {}

    /** These, and where they have such a matrix, its halves. */
    static Set<String> withHalves(Collection<String> layers) {
        Set<String> all = new LinkedHashSet<>(layers);
        layers.stream().filter(name -> isWhole(name, layers)).forEach(name -> all.addAll(halves(name)));
        return all;
    }

    /** The layers of a base as modules in memory. */
    static Set<String> inMemory(Collection<String> layers) {
        Set<String> all = withHalves(layers);
        all.removeIf(name -> isWhole(name, layers));
        return all;
    }

    /** An adapter as files name modules in memory. */
    static AdapterContent apart(AdapterContent content, Collection<String> base) {
        List<LayerFactors> factors = new ArrayList<>();
        for (LayerFactors one : content.factors()) {
            factors.addAll(isWhole(one.vertex(), base) ? apart(one, content.config()) : List.of(one));
        }
        List<FullLayer> full = new ArrayList<>();
        for (FullLayer one : content.fullLayers()) {
            full.addAll(
                    isWhole(one.vertex(), base)
                            ? both((name, half) -> new FullLayer(name, one.kind(), cut(one, half)), one.vertex())
                            : List.of(one));
        }
        List<TrainedBias> biases = new ArrayList<>();
        for (TrainedBias one : content.biases()) {
            biases.addAll(
                    isWhole(one.vertex(), base)
                            ? both(
                                    (name, half) -> new TrainedBias(
                                            name, one.parameter(), one.torch(), columns(one.values(), half)),
                                    one.vertex())
                            : List.of(one));
        }
        return with(content, factors, full, biases);
    }

    /**
     * An adapter as its base names layers.
     *
     * @throws IllegalArgumentException if halves cannot be one adapter: their scales differ, or one is missing of what needs both
     */
    static AdapterContent together(AdapterContent content, Collection<String> base) {
        Map<String, String> wholes = new HashMap<>();
        base.stream()
                .filter(name -> isWhole(name, base))
                .forEach(name -> halves(name).forEach(half -> wholes.put(half, name)));
        return with(
                content,
                joined(content.factors(), LayerFactors::vertex, wholes, (name, halves) -> {
                    halves.values().stream()
                            .filter(half -> !half.spec().scheme().equals(Scheme.PLAIN))
                            .findFirst()
                            .ifPresent(half -> requireBoth(name, halves));
                    return together(name, halves, content.config());
                }),
                joined(content.fullLayers(), FullLayer::vertex, wholes, (name, halves) -> {
                    requireBoth(name, halves);
                    return glued(name, get(halves, name, 0), get(halves, name, 1));
                }),
                joined(content.biases(), TrainedBias::vertex, wholes, (name, halves) -> {
                    requireBoth(name, halves);
                    TrainedBias gate = get(halves, name, 0);
                    return new TrainedBias(
                            name,
                            gate.parameter(),
                            gate.torch(),
                            glued(gate.values(), get(halves, name, 1).values()));
                }));
    }

    private static AdapterContent with(
            AdapterContent content, List<LayerFactors> factors, List<FullLayer> full, List<TrainedBias> biases) {
        if (factors.equals(content.factors()) && full.equals(content.fullLayers()) && biases.equals(content.biases())) {
            return content;
        }
        boolean named = content.origin().filter(PeftOrigin::isOfPeft).isEmpty()
                && full.equals(content.fullLayers())
                && follows(content.config(), factors);
        return new AdapterContent(
                named ? content.config() : ForeignReader.config(content.config(), factors, full),
                content.baseSha256(),
                content.layerSha256(),
                factors,
                full,
                biases,
                content.tokens(),
                content.origin());
    }

    /** Whether a configuration is of these, too: it names no halves, and has their ranks. */
    private static boolean follows(LoraConfig config, List<LayerFactors> factors) {
        boolean halves = config.targets() instanceof Targets.Names names
                && names.names().stream().anyMatch(name -> HALVES.stream().anyMatch(name::endsWith));
        return !halves
                && factors.stream()
                        .map(LayerFactors::spec)
                        .allMatch(spec -> (spec.rank() == config.rank()
                                        || config.rankPattern().containsValue(spec.rank()))
                                && (spec.alpha() == config.alpha()
                                        || config.alphaPattern().containsValue(spec.alpha())));
    }

    private static boolean isWhole(String name, Collection<String> base) {
        return name.endsWith(WHOLE)
                && VisionModules.isDino(name.substring(0, name.length() - WHOLE.length()) + ".", base);
    }

    private static String path(String name, String end) {
        return name.substring(0, name.length() - end.length());
    }

    private static List<String> halves(String whole) {
        return HALVES.stream().map(end -> path(whole, WHOLE) + end).toList();
    }

    private interface Cut<T> {
        T of(String name, int half);
    }

    private static <T> List<T> both(Cut<T> cut, String whole) {
        return List.of(cut.of(halves(whole).get(0), 0), cut.of(halves(whole).get(1), 1));
    }

    private interface Join<T> {
        T of(String whole, Map<String, T> halves);
    }

    /** Halves as one in the place of the first; all others as they are. */
    private static <T> List<T> joined(List<T> all, Function<T, String> name, Map<String, String> wholes, Join<T> join) {
        Map<String, Map<String, T>> halves = new HashMap<>();
        for (T one : all) {
            String whole = wholes.get(name.apply(one));
            if (whole != null) {
                halves.computeIfAbsent(whole, none -> new LinkedHashMap<>()).put(name.apply(one), one);
            }
        }
        List<T> joined = new ArrayList<>();
        for (T one : all) {
            String whole = wholes.get(name.apply(one));
            if (whole == null) {
                joined.add(one);
            } else if (halves.containsKey(whole)) {
                joined.add(join.of(whole, halves.remove(whole)));
            }
        }
        return joined;
    }

    private static void requireBoth(String whole, Map<String, ?> halves) {
        if (halves.size() < 2) {
            throw new IllegalArgumentException("'" + whole + "' is one matrix here, of which the file has '"
                    + halves.keySet().iterator().next() + "' alone: adapt gate_proj and up_proj, or neither");
        }
    }

    private static <T> T get(Map<String, T> halves, String whole, int half) {
        return Objects.requireNonNull(halves.get(halves(whole).get(half)));
    }

    private static INDArray columns(INDArray array, int half) {
        long width = array.size(-1) / 2;
        return inShape(
                array,
                array.reshape(array.length() / (2 * width), 2 * width)
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(half * width, (half + 1) * width)));
    }

    private static INDArray glued(INDArray gate, INDArray up) {
        INDArray first = gate.reshape(gate.length() / gate.size(-1), gate.size(-1));
        return inShape(gate, Nd4j.hstack(first, up.reshape(up.length() / up.size(-1), up.size(-1))));
    }

    /** A matrix, or a vector where another is one. */
    private static INDArray inShape(INDArray like, INDArray matrix) {
        return (like.rank() == 1 ? matrix.reshape(matrix.length()) : matrix).dup('f');
    }

    private static INDArray vector(INDArray gate, Optional<INDArray> up) {
        return Nd4j.hstack(
                gate.reshape(1, gate.length()),
                up.orElseThrow().reshape(1, up.orElseThrow().length()));
    }

    private static Map<String, INDArray> cut(FullLayer layer, int half) {
        Map<String, INDArray> cut = new TreeMap<>();
        layer.parameters().forEach((key, array) -> cut.put(key, columns(array, half)));
        return cut;
    }

    private static FullLayer glued(String whole, FullLayer gate, FullLayer up) {
        Map<String, INDArray> glued = new TreeMap<>();
        gate.parameters()
                .forEach((key, array) -> glued.put(
                        key, glued(array, Objects.requireNonNull(up.parameters().get(key), key))));
        return new FullLayer(whole, gate.kind(), glued);
    }

    private static FactorVectors vectors(FactorVectors whole, int half) {
        Function<INDArray, INDArray> cut = vector -> columns(vector.reshape(1, vector.length()), half);
        return new FactorVectors(whole.magnitude().map(cut), whole.bias().map(cut));
    }

    /** These with the scale of others. */
    private static LayerFactors factors(
            String name, LayerFactors like, LoraConfig config, INDArray a, INDArray b, FactorVectors vectors) {
        AdapterSpec spec = like.spec();
        int rank = Math.toIntExact(a.size(1));
        double alpha = rank == spec.rank() ? spec.alpha() : spec.scaling() * (config.rsLora() ? Math.sqrt(rank) : rank);
        return new LayerFactors(
                AdaptedWeight.single(name, LayerFactors.WEIGHT),
                like.layout(),
                config.adapter(name, rank, alpha),
                like.peftExact(),
                a,
                b,
                vectors);
    }

    /** Halves with the A of the whole, or with the part of it that is theirs alone. */
    private static List<LayerFactors> apart(LayerFactors whole, LoraConfig config) {
        boolean blocks = !config.rsLora() && isOfTwo(whole);
        long rank = whole.spec().rank() / (blocks ? 2 : 1);
        return both(
                (name, half) -> {
                    long from = blocks ? half * rank : 0;
                    INDArray a = whole.a()
                            .get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + rank))
                            .dup('f');
                    INDArray b = columns(whole.b(), half)
                            .get(NDArrayIndex.interval(from, from + rank), NDArrayIndex.all())
                            .dup('f');
                    return factors(name, whole, config, a, b, vectors(whole.vectors(), half));
                },
                whole.vertex());
    }

    /** Whether the first ranks are of the first half alone, and the others of the second, as {@link #together} makes it. */
    private static boolean isOfTwo(LayerFactors whole) {
        int rank = whole.spec().rank();
        if (rank % 2 != 0) {
            return false;
        }
        boolean[] zero = new boolean[4];
        for (int k = 0; k < 4; k++) {
            int rows = k / 2 * rank / 2;
            zero[k] = columns(whole.b(), k % 2)
                            .get(NDArrayIndex.interval(rows, rows + rank / 2), NDArrayIndex.all())
                            .amaxNumber()
                            .doubleValue()
                    == 0;
        }
        return !zero[0] && zero[1] && zero[2] && !zero[3];
    }

    private static LayerFactors together(String whole, Map<String, LayerFactors> halves, LoraConfig config) {
        Optional<LayerFactors> gate =
                Optional.ofNullable(halves.get(halves(whole).get(0)));
        Optional<LayerFactors> up = Optional.ofNullable(halves.get(halves(whole).get(1)));
        if (gate.isEmpty() || up.isEmpty()) {
            LayerFactors alone = gate.or(() -> up).orElseThrow();
            INDArray none = Nd4j.zerosLike(alone.b());
            INDArray b = gate.isPresent() ? glued(alone.b(), none) : glued(none, alone.b());
            return factors(whole, alone, config, alone.a(), b, FactorVectors.NONE);
        }
        return together(whole, gate.get(), up.get(), config);
    }

    private static LayerFactors together(String whole, LayerFactors gate, LayerFactors up, LoraConfig config) {
        if (gate.spec().scaling() != up.spec().scaling()) {
            throw new IllegalArgumentException(
                    "'" + whole + "' is one matrix here, with one scale, but its halves gate_proj"
                            + " and up_proj have " + gate.spec().scaling() + " and "
                            + up.spec().scaling()
                            + ": give both the same rank and alpha");
        }
        FactorVectors vectors = new FactorVectors(
                gate.vectors().magnitude().map(m -> vector(m, up.vectors().magnitude())),
                gate.vectors().bias().map(v -> vector(v, up.vectors().bias())));
        if (ArrayBytes.same(gate.a(), up.a())) {
            return factors(whole, gate, config, gate.a(), glued(gate.b(), up.b()), vectors);
        }
        INDArray first = glued(
                gate.b(),
                Nd4j.zeros(gate.b().dataType(), gate.b().size(0), up.b().size(1)));
        INDArray second =
                glued(Nd4j.zeros(up.b().dataType(), up.b().size(0), gate.b().size(1)), up.b());
        return factors(
                whole,
                gate,
                config,
                glued(gate.a(), up.a()),
                Nd4j.vstack(first, second).dup('f'),
                vectors);
    }
}
