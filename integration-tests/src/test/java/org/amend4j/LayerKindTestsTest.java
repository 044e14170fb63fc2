/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.amend4j.internal.network.LayerKind;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Which kind of layer something is, only a {@link LayerKind} knows: nobody else has {@code instanceof}, a cast or a class constant
 * of one of Deeplearning4j's layers, of its configuration or running. Abstract classes are roles and may be asked for.
 */
@ArchTag("exhaustive")
@AnalyzeClasses(
        packages = "org.amend4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKits.class})
class LayerKindTestsTest {

    /** Classes that name layers, though not because of their kind. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "org.amend4j.internal.model.Unfrozen", "what freezes a layer goes around one of any kind",
            "org.amend4j.internal.model.Containers", "what is made of layers has no interface to ask for",
            "org.amend4j.internal.lora.sequence.ExternalErrors",
                    "all that is written in SameDiff has the fault, whatever it computes",
            "org.amend4j.model.IntactInputs", "two of Deeplearning4j's layers write over what they read",
            "org.amend4j.internal.model.Fingerprints", "one of Deeplearning4j's layers has weights of two shapes",
            "org.amend4j.app.demo.FashionDemo", "sets an option of the layers of its own network, as a user does");

    /** Class names to the kinds they test for. */
    private static Map<String, Set<String>> found(JavaClasses all) {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JavaClass one : all) {
            if (!one.getPackageName().equals("org.amend4j.internal.layer") && !isTest(one)) {
                Set<String> kinds = testsIn(one);
                if (!kinds.isEmpty()) {
                    found.computeIfAbsent(outermost(one), name -> new TreeSet<>())
                            .addAll(kinds);
                }
            }
        }
        return found;
    }

    private static boolean isTest(JavaClass one) {
        return one.getSource()
                .filter(file -> file.getUri().toString().contains("/test/"))
                .isPresent();
    }

    private static String outermost(JavaClass one) {
        return one.getName().replaceAll("\\$.*", "");
    }

    /** Of the file: what a class is made of may be missing here, as Spark is. */
    private static Set<String> testsIn(JavaClass one) {
        TestReader reader = new TestReader();
        try (InputStream code = one.getSource().orElseThrow().getUri().toURL().openStream()) {
            new ClassReader(code).accept(reader, ClassReader.SKIP_DEBUG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reader.kinds;
    }

    @ArchTest
    static void nobodyButTheirDescriptorsAsksWhichKindALayerIs(JavaClasses all) {
        Map<String, Set<String>> found = found(all);
        found.keySet().removeAll(EXCEPTIONS.keySet());
        assertEquals(Map.of(), found);
    }

    @ArchTest
    static void everyExceptionIsOne(JavaClasses all) {
        Set<String> found = found(all).keySet();
        assertEquals(
                List.of(),
                EXCEPTIONS.keySet().stream()
                        .filter(name -> !found.contains(name))
                        .toList());
    }

    /** All that is looked for, once; of {@link FeedForwardLayer}, a role, nothing counts. */
    @SuppressWarnings("unused") // read, not run
    private static final class Asking {

        private static final Function<Object, LSTM> REFERENCE = LSTM.class::cast;

        static boolean of(Layer layer) {
            return layer instanceof DenseLayer
                    || layer.getClass() == OutputLayer.class
                    || ((EmbeddingLayer) layer).isHasBias()
                    || layer instanceof FeedForwardLayer
                    || REFERENCE.apply(layer).getNIn() == 0;
        }
    }

    @Test
    void instanceofCastsConstantsAndReferencesAreFound() {
        assertEquals(
                Set.of(
                        DenseLayer.class.getName(),
                        OutputLayer.class.getName(),
                        EmbeddingLayer.class.getName(),
                        LSTM.class.getName()),
                testsIn(new ClassFileImporter().importClass(Asking.class)));
    }

    /** Collects the layers that a class's code tests for. */
    private static final class TestReader extends ClassVisitor {

        private final Set<String> kinds = new TreeSet<>();

        TestReader() {
            super(Opcodes.ASM9);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] thrown) {
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitTypeInsn(int code, String of) {
                    if (code == Opcodes.INSTANCEOF || code == Opcodes.CHECKCAST) {
                        note(Type.getObjectType(of));
                    }
                }

                @Override
                public void visitLdcInsn(Object constant) {
                    if (constant instanceof Type of && of.getSort() == Type.OBJECT) {
                        note(of);
                    }
                }
            };
        }

        private void note(Type type) {
            String name = type.getClassName();
            if (name.startsWith("org.deeplearning4j.nn.conf.layers.")
                    || name.startsWith("org.deeplearning4j.nn.layers.")) {
                Class<?> of = classOf(name);
                boolean layer =
                        Layer.class.isAssignableFrom(of) || org.deeplearning4j.nn.api.Layer.class.isAssignableFrom(of);
                if (layer && !Modifier.isAbstract(of.getModifiers())) {
                    kinds.add(name);
                }
            }
        }

        private static Class<?> classOf(String name) {
            try {
                return Class.forName(name, false, LayerKind.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(name, e);
            }
        }
    }
}
