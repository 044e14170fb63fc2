/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.Distribution;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SDVertexParams;
import org.deeplearning4j.nn.conf.layers.variational.GaussianReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.ReconstructionDistribution;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.stepfunctions.NegativeGradientStepFunction;
import org.deeplearning4j.nn.conf.stepfunctions.StepFunction;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * Instances of Deeplearning4j's configuration classes in which no property has its default value. A type of property that
 * nobody has thought of fails.
 */
final class FilledConfigurations {

    private static final Map<Class<?>, Supplier<Object>> MAKERS = new HashMap<>();

    static {
        MAKERS.put(String.class, () -> "text");
        MAKERS.put(Layer.class, FilledConfigurations::recurrent);
        MAKERS.put(FeedForwardLayer.class, FilledConfigurations::recurrent);
        MAKERS.put(GraphVertex.class, () -> new ReshapeVertex('f', new int[] {2, 3, 4}, new int[] {2, 4}));
        MAKERS.put(InputPreProcessor.class, () -> new RnnToCnnPreProcessor(3, 4, 5));
        MAKERS.put(NeuralNetConfiguration.class, FilledConfigurations::aroundALayer);
        MAKERS.put(IActivation.class, () -> new ActivationLReLU(0.3));
        MAKERS.put(IWeightInit.class, () -> new WeightInitDistribution(new NormalDistribution(0.1, 0.7)));
        MAKERS.put(Distribution.class, () -> new NormalDistribution(0.1, 0.7));
        MAKERS.put(IUpdater.class, () -> new Adam(0.7));
        MAKERS.put(IDropout.class, () -> new Dropout(0.7));
        MAKERS.put(IWeightNoise.class, () -> new DropConnect(0.7));
        MAKERS.put(ILossFunction.class, () -> new LossMCXENT(Nd4j.createFromArray(0.1, 0.2)));
        MAKERS.put(INDArray.class, () -> Nd4j.createFromArray(new double[][] {{0.5, 1.5}, {2.5, 3.5}}));
        MAKERS.put(StepFunction.class, NegativeGradientStepFunction::new);
        MAKERS.put(ReconstructionDistribution.class, GaussianReconstructionDistribution::new);
        MAKERS.put(SDLayerParams.class, FilledConfigurations::parameters);
        MAKERS.put(SDVertexParams.class, FilledConfigurations::vertexParameters);
        MAKERS.put(DataFormat.class, () -> CNN2DFormat.NHWC);
    }

    /** What the elements of the lists and sets of these names are. */
    private static final Map<String, Supplier<Object>> COLLECTIONS = Map.of(
            "constraints", () -> List.of(new MaxNormConstraint(0.7, Set.of("W"), 1)),
            "regularization", () -> new ArrayList<>(List.of(new L2Regularization(0.7))),
            "regularizationBias", () -> new ArrayList<>(List.of(new L2Regularization(0.3))),
            "paramWeightInit",
                    () -> new HashMap<>(Map.of("W", new WeightInitDistribution(new NormalDistribution(0, 2)))),
            "variables", () -> new ArrayList<>(List.of("W")));

    private int next = 3;

    /** An instance, filled. */
    static <T> T of(Class<T> type) {
        try {
            return type.cast(new FilledConfigurations().filled(type));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no instance of " + type + " can be made", e);
        }
    }

    /** The fields that an instance consists of. */
    static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> c = type; c != Object.class; c = c.getSuperclass()) {
            Arrays.stream(c.getDeclaredFields())
                    .filter(field -> !Modifier.isStatic(field.getModifiers())
                            && !Modifier.isTransient(field.getModifiers())
                            && !field.isSynthetic())
                    .forEach(fields::add);
        }
        return fields;
    }

    @SuppressForbidden("a test that looks into others' classes")
    static Object get(Field field, Object of) throws IllegalAccessException {
        field.setAccessible(true);
        return field.get(of);
    }

    private Object filled(Class<?> type) throws ReflectiveOperationException {
        Object instance = instance(type);
        for (Field field : fields(type)) {
            Object before = get(field, instance);
            if (!Modifier.isFinal(field.getModifiers())) {
                field.set(instance, value(field.getType(), field.getName(), before));
            }
        }
        return instance;
    }

    @SuppressForbidden("a test that looks into others' classes")
    private Object instance(Class<?> type) throws ReflectiveOperationException {
        Constructor<?> constructor = Arrays.stream(type.getDeclaredConstructors())
                .filter(c -> Arrays.stream(c.getParameterTypes())
                        .noneMatch(p -> p.getName().endsWith("Builder")))
                .filter(c -> !c.isSynthetic())
                .min(Comparator.comparingInt(Constructor::getParameterCount))
                .orElse(null);
        if (constructor == null) {
            return Objects.requireNonNull(built(type), type.toString());
        }
        constructor.setAccessible(true);
        List<Object> arguments = new ArrayList<>();
        for (Parameter parameter : constructor.getParameters()) {
            arguments.add(value(parameter.getType(), parameter.getName(), null));
        }
        return constructor.newInstance(arguments.toArray());
    }

    private static Object built(Class<?> type) throws ReflectiveOperationException {
        for (Class<?> builder : type.getDeclaredClasses()) {
            if (builder.getSimpleName().equals("Builder")) {
                try {
                    Object made = builder.getDeclaredConstructor().newInstance();
                    return builder.getMethod("build").invoke(made);
                } catch (InvocationTargetException e) {
                    throw new AssertionError("the builder of " + type + " wants more", e.getCause());
                }
            }
        }
        throw new AssertionError(type + " has neither a constructor nor a builder");
    }

    private Object value(Class<?> type, String name, Object before) throws ReflectiveOperationException {
        next++;
        if (type == boolean.class || type == Boolean.class) {
            return !Boolean.TRUE.equals(before);
        } else if (type == int.class || type == Integer.class) {
            return next;
        } else if (type == long.class || type == Long.class) {
            return (long) next;
        } else if (type == double.class || type == Double.class) {
            return next + 0.25;
        } else if (type == char.class) {
            return 'f';
        } else if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> constant != before)
                    .reduce((first, second) -> second)
                    .orElseThrow();
        } else if (type.isArray()) {
            int length = before == null || Array.getLength(before) == 0 ? 2 : Array.getLength(before);
            Object array = Array.newInstance(type.getComponentType(), length);
            for (int i = 0; i < length; i++) {
                Array.set(array, i, value(type.getComponentType(), name, null));
            }
            return array;
        }
        Supplier<Object> maker = COLLECTIONS.getOrDefault(name, MAKERS.get(type));
        if (maker == null) {
            throw new AssertionError("no value for " + type + " " + name);
        }
        return maker.get();
    }

    private static Layer recurrent() {
        LSTM layer = new LSTM.Builder()
                .nIn(3)
                .nOut(4)
                .gateActivationFunction(new ActivationLReLU(0.2))
                .build();
        layer.setLayerName("inside");
        layer.setIUpdater(new Adam(0.3));
        return layer;
    }

    private static NeuralNetConfiguration aroundALayer() {
        NeuralNetConfiguration conf = new NeuralNetConfiguration.Builder()
                .seed(7)
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
                .build();
        conf.setIterationCount(5);
        conf.setEpochCount(6);
        conf.addVariable("W");
        return conf;
    }

    private static SDLayerParams parameters() {
        SDLayerParams params = new SDLayerParams();
        params.addWeightParam("W", 2, 3);
        params.addBiasParam("b", 1, 3);
        return params;
    }

    private static SDVertexParams vertexParameters() {
        SDVertexParams params = new SDVertexParams();
        params.addWeightParam("W", 2, 3);
        params.defineInputs("x", "y");
        return params;
    }
}
