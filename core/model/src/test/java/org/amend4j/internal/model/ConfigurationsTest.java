/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** The law of copies, over every vertex, layer and preprocessor that Deeplearning4j has. */
class ConfigurationsTest {

    private static final Map<Class<?>, UnaryOperator<Object>> COPY = Map.of(
            GraphVertex.class, o -> Configurations.copy((GraphVertex) o),
            Layer.class, o -> Configurations.copy((Layer) o),
            InputPreProcessor.class, o -> Configurations.copy((InputPreProcessor) o));

    /** Two sizes that follow from others, and L2Vertex's summand, which no JSON and so no saved model holds either. */
    private static final Set<String> NOWHERE = Set.of("product", "eps");

    /** What was the reason for all this. */
    private static final Set<String> LOSSY =
            Set.of("AttentionVertex", "FrozenVertex", "LayerVertex", "MergeVertex", "ReshapeVertex");

    static Stream<Class<?>> classes() throws IOException, java.net.URISyntaxException {
        File jar = new File(ComputationGraphConfiguration.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (JarFile file = new JarFile(jar)) {
            return file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith("org/") && name.endsWith(".class"))
                    .map(ConfigurationsTest::load)
                    .filter(type -> COPY.keySet().stream().anyMatch(kind -> kind.isAssignableFrom(type)))
                    .filter(type -> !Modifier.isAbstract(type.getModifiers()))
                    .toList()
                    .stream();
        }
    }

    private static Class<?> load(String entry) {
        try {
            return Class.forName(
                    entry.substring(0, entry.length() - ".class".length()).replace('/', '.'),
                    false,
                    ConfigurationsTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(entry, e);
        }
    }

    private static Object copy(Object original) {
        return COPY.entrySet().stream()
                .filter(kind -> kind.getKey().isInstance(original))
                .findFirst()
                .orElseThrow()
                .getValue()
                .apply(original);
    }

    @ParameterizedTest
    @MethodSource("classes")
    @OneIn(2)
    void the_copys_json_is_the_originals(Class<?> type) throws IllegalAccessException {
        Object original = FilledConfigurations.of(type);
        String json = Configurations.json(original);
        Object copy = copy(original);
        assertNotSame(original, copy);
        assertEquals(type, copy.getClass());
        assertEquals(json, Configurations.json(copy));
        for (Field field : FilledConfigurations.fields(type)) {
            Object value = FilledConfigurations.get(field, original);
            if (NOWHERE.contains(field.getName())) {
                continue;
            }
            if (value == null || field.getType().isPrimitive() || value instanceof Enum || value instanceof String) {
                assertEquals(value, FilledConfigurations.get(field, copy), field.toString());
            }
        }
    }

    @Test
    void deeplearning4js_own_clone_loses_properties_of_these_vertices() throws Exception {
        Set<String> lossy = new TreeSet<>();
        classes().filter(GraphVertex.class::isAssignableFrom).forEach(type -> {
            if (!Configurations.clonesFaithfully((GraphVertex) FilledConfigurations.of(type))) {
                lossy.add(type.getSimpleName());
            }
        });
        assertEquals(LOSSY, lossy);
    }

    @ParameterizedTest
    @MethodSource("classes")
    void a_copy_shares_no_layer_with_the_original(Class<?> type) {
        Object original = FilledConfigurations.of(type);
        String json = Configurations.json(original);
        rename(copy(original));
        assertEquals(json, Configurations.json(original));
    }

    private static void rename(Object copy) {
        try {
            for (Field field : FilledConfigurations.fields(copy.getClass())) {
                Object part = FilledConfigurations.get(field, copy);
                if (part instanceof Layer || part instanceof NeuralNetConfiguration || part instanceof GraphVertex) {
                    rename(part);
                }
            }
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
        if (copy instanceof Layer layer) {
            layer.setLayerName("renamed");
        }
    }

    @Test
    void the_copy_of_a_graphs_configuration_has_its_order_and_counts() {
        ComputationGraphConfiguration original =
                TestNetworks.residual(DataType.FLOAT, 3).getConfiguration();
        original.setIterationCount(5);
        original.setEpochCount(6);
        original.setTbpttFwdLength(7);
        original.setTbpttBackLength(3);
        original.setBackpropType(BackpropType.TruncatedBPTT);
        original.setTrainingWorkspaceMode(WorkspaceMode.NONE);
        original.setInferenceWorkspaceMode(WorkspaceMode.NONE);
        original.setCacheMode(CacheMode.DEVICE);
        original.setValidateOutputLayerConfig(false);
        ComputationGraphConfiguration copy = Configurations.copy(original);
        assertEquals(original.toJson(), copy.toJson());
        assertArrayEquals(original.getTopologicalOrder(), copy.getTopologicalOrder());
        assertEquals(original.getTopologicalOrderStr(), copy.getTopologicalOrderStr());
        copy.getVertexInputs().values().forEach(List::clear);
        assertNotEquals(original.toJson(), copy.toJson());
    }

    /** A user's vertex whose clone forgets and whose JSON does not hold the scale either. */
    public static final class Forgetful extends ScaleVertex {
        private static final long serialVersionUID = 1L;

        public Forgetful() {
            super(1);
        }

        @Override
        public ScaleVertex clone() {
            return new Forgetful();
        }

        @Override
        @JsonIgnore(false)
        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        public double getScaleFactor() {
            return super.getScaleFactor();
        }

        @Override
        @JsonIgnore
        public void setScaleFactor(double factor) {
            super.setScaleFactor(factor);
        }
    }

    @Test
    void what_neither_clone_nor_json_copies_is_refused_by_name() {
        Forgetful vertex = new Forgetful();
        vertex.setScaleFactor(3);
        String message = assertThrows(IllegalArgumentException.class, () -> Configurations.copy(vertex))
                .getMessage();
        assertTrue(message.contains("Forgetful") && message.contains("clone()"), message);
    }
}
