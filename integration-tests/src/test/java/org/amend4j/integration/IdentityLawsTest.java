/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.ArchitectureTest;
import org.amend4j.algorithm.ActionValue;
import org.amend4j.identity.Identified;
import org.amend4j.integration.Identities.Example;
import org.amend4j.objective.Precision;
import org.amend4j.policy.DenseActivation;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * What files and fingerprints say of configurations hangs on nothing but what is said: not on names of classes or components, nor on
 * {@code toString}; and it says everything.
 */
@ArchTag("exhaustive")
@AnalyzeClasses(
        packages = "org.amend4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKits.class})
class IdentityLawsTest {

    /** Functions have no facts: others go by another name. */
    private static final Map<Class<?>, Set<String>> NOT_FACTS = Map.of(ActionValue.Linear.class, Set.of("features"));

    /** Methods that make identities, besides {@code facts}, {@code fingerprint} and {@code settingsFingerprint}. */
    private static final Set<String> MAKERS = Set.of(
            "org.amend4j.algorithm.Identity.network",
            "org.amend4j.algorithm.Identity.of",
            "org.amend4j.app.descent.DescentDemo.fingerprint",
            "org.amend4j.app.policy.DistributionChoice.words",
            "org.amend4j.app.policy.Start$Adapter.words",
            "org.amend4j.app.policy.Start$Fresh.words",
            "org.amend4j.app.policy.Start$Graph.words",
            "org.amend4j.app.policy.TrainSettings.words",
            "org.amend4j.internal.training.PlannedObjective.fingerprint",
            "org.amend4j.internal.prefix.DataDigest.add",
            "org.amend4j.internal.prefix.PrefixCache.key",
            "org.amend4j.prefix.HostPrefix.origin",
            "org.amend4j.internal.prefix.LayerPrefix.origin",
            "org.amend4j.internal.prefix.PlannedPrefix.origin",
            "org.amend4j.graph.GraphObjective.facts",
            "org.amend4j.objective.HeadObjective.facts",
            "org.amend4j.objective.PartialObjective.fingerprint",
            "org.amend4j.service.SavedState.recipe",
            "org.amend4j.service.ServiceRecords.identity");

    static Stream<Example> examples() {
        return Stream.of(Identities.descents(), Identities.policies(), Identities.recipes())
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void renamingAClassOrAComponentChangesNoText(Example example) {
        assertEquals(example.text(), example.value().facts().text());
        assertEquals(example.first(), example.value().facts().first());
    }

    @Test
    void differentConfigurationsHaveDifferentTexts() {
        List<String> texts = examples().map(one -> one.value().facts().text()).toList();
        assertEquals(texts.stream().distinct().toList(), texts);
    }

    @ArchTest
    static void everyKindHasAnExample(JavaClasses ours) {
        Set<String> kinds = ours.stream()
                .filter(one -> one.isAssignableTo(Identified.class)
                        && !one.isInterface()
                        && !one.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> shown =
                examples().map(one -> one.value().getClass().getName()).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(shown, kinds);
    }

    static Stream<Example> records() {
        return examples().filter(one -> one.value() instanceof Record);
    }

    @ParameterizedTest
    @MethodSource("records")
    @OneIn(2)
    void everyComponentIsAFact(Example example) throws ReflectiveOperationException {
        Class<?> type = example.value().getClass();
        Object[] components = Identities.components(example.value());
        RecordComponent[] names = type.getRecordComponents();
        for (int i = 0; i < names.length; i++) {
            if (NOT_FACTS.getOrDefault(type, Set.of()).contains(names[i].getName())) {
                continue;
            }
            int changed = 0;
            for (Object other : others(type, i, components[i])) {
                Object[] changedOne = components.clone();
                changedOne[i] = other;
                Optional<Object> configuration = made(type, changedOne);
                if (configuration.isPresent()) {
                    changed++;
                    assertNotEquals(
                            example.text(),
                            ((Identified) configuration.get()).facts().text(),
                            names[i].getName() + " is no fact: " + other);
                }
            }
            assertTrue(changed > 0, "no other " + names[i].getName() + " of " + type + " was found");
        }
    }

    /** Empty if there is no such configuration. */
    private static Optional<Object> made(Class<?> type, Object... components) throws ReflectiveOperationException {
        try {
            return Optional.of(Identities.made(type, components));
        } catch (InvocationTargetException refused) {
            return Optional.empty();
        }
    }

    /** Other values that a component may have; some are refused. */
    private static List<Object> others(Class<?> type, int index, Object value) throws ReflectiveOperationException {
        List<Object> all = new ArrayList<>();
        for (Example example : examples().toList()) {
            if (example.value().getClass() == type) {
                all.add(Identities.components(example.value())[index]);
            }
        }
        RecordComponent component = type.getRecordComponents()[index];
        all.addAll(ofKind(component, value));
        all.removeIf(other -> Objects.deepEquals(other, value)
                || (other instanceof Identified one
                        && one.facts()
                                .text()
                                .equals(((Identified) value).facts().text())));
        return all;
    }

    private static List<Object> ofKind(RecordComponent component, Object value) throws ReflectiveOperationException {
        if (value instanceof Double number) {
            return List.of(number / 2, number * 2, (1 + number) / 2, number + 0.5, 0.5);
        }
        if (value instanceof Integer number) {
            return List.of(number + 1, number * 2);
        }
        if (value instanceof Long number) {
            return List.of(number + 1, number * 2);
        }
        if (value instanceof Boolean yes) {
            return List.of(!yes);
        }
        if (value instanceof String text) {
            return List.of(text + "x");
        }
        if (value instanceof Enum<?> constant) {
            return List.of((Object[]) constant.getDeclaringClass().getEnumConstants());
        }
        if (value instanceof OptionalDouble) {
            return List.of(OptionalDouble.empty(), OptionalDouble.of(0.125), OptionalDouble.of(1e9));
        }
        if (value instanceof OptionalInt) {
            return List.of(OptionalInt.empty(), OptionalInt.of(7));
        }
        if (value instanceof double[] numbers) {
            double[] other = numbers.clone();
            other[0] += 0.125;
            return List.of(other);
        }
        if (value instanceof int[] numbers) {
            int[] other = numbers.clone();
            other[0]++;
            return List.of(other);
        }
        if (value instanceof List<?> list) {
            return List.of(list.subList(1, list.size()), identified(argument(component)));
        }
        if (value instanceof Optional<?>) {
            List<Object> some = new ArrayList<>(List.of(Optional.empty()));
            identified(argument(component)).forEach(one -> some.add(Optional.of(one)));
            return some;
        }
        List<Object> all = identified(component.getType());
        return value instanceof Record one
                ? Stream.concat(all.stream(), changed(one).stream()).toList()
                : all;
    }

    /** The same but for one component; of a group of components that is no configuration itself, every one must change it. */
    private static List<Object> changed(Record value) throws ReflectiveOperationException {
        List<Object> all = new ArrayList<>();
        Object[] components = Identities.components(value);
        for (int i = 0; i < components.length; i++) {
            int before = all.size();
            for (Object other : others(value.getClass(), i, components[i])) {
                Object[] changed = components.clone();
                changed[i] = other;
                made(value.getClass(), changed).ifPresent(all::add);
            }
            assertTrue(
                    value instanceof Identified || all.size() > before,
                    "no other " + value.getClass().getRecordComponents()[i].getName() + " of " + value);
        }
        return all;
    }

    private static Class<?> argument(RecordComponent component) {
        return (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    }

    private static List<Object> identified(Class<?> type) {
        return examples()
                .map(Example::value)
                .filter(type::isInstance)
                .map(Object.class::cast)
                .toList();
    }

    /** Texts have them by their names. */
    @Test
    void constantsInTextsKeepTheirNames() {
        Map<String, String> names = new TreeMap<>();
        Stream.concat(
                        records()
                                .flatMap(one ->
                                        Arrays.stream(one.value().getClass().getRecordComponents()))
                                .map(RecordComponent::getType),
                        Stream.of(DenseActivation.class, Precision.class))
                .filter(type -> type.isEnum() && type.getName().startsWith("org.amend4j."))
                .forEach(type -> names.put(type.getSimpleName(), Arrays.toString(type.getEnumConstants())));
        assertEquals(
                "{Assurance=[PROVED, ENFORCED, ASSUMED, ESTIMATED], Baseline=[NONE, LEAVE_ONE_OUT, LINEAR, VALUE], BiasBound=[A, B, C], BoundAssurance=[KNOWN, ESTIMATED],"
                        + " DenseActivation=[IDENTITY, TANH, RELU, SIGMOID],"
                        + " Precision=[FLOAT, DOUBLE],"
                        + " Role=[ACTIVATION, LABEL, LABEL_MASK], Unit=[RECORD, OWNER]}",
                names.toString());
    }

    /** An object in a concatenation, or asked for its toString or its class, would write its names into files. */
    @ArchTest
    static void noIdentityIsMadeByToString(JavaClasses ours) throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<String> makers = new TreeSet<>();
        for (JavaClass one : ours) {
            // of the file: what a class is made of may be missing here, as Spark is
            try (InputStream code =
                    one.getSource().orElseThrow().getUri().toURL().openStream()) {
                MakerReader reader = new MakerReader(one.getName(), one.isAssignableTo(Identified.class));
                new ClassReader(code).accept(reader, ClassReader.SKIP_DEBUG);
                makers.addAll(reader.makers);
                wrong.addAll(reader.wrong);
            }
        }
        assertTrue(makers.containsAll(MAKERS), "of " + MAKERS + " there are " + makers);
        assertEquals(List.of(), wrong);
    }

    /** Reads the methods of a class that make identities. */
    private static final class MakerReader extends ClassVisitor {

        private final String subject;
        private final boolean identified;
        private final Set<String> makers = new TreeSet<>();
        private final List<String> wrong = new ArrayList<>();

        MakerReader(String subject, boolean identified) {
            super(Opcodes.ASM9);
            this.subject = subject;
            this.identified = identified;
        }

        private boolean isMaker(String method) {
            return (identified && method.equals("facts"))
                    || method.equals("fingerprint")
                    || method.equals("settingsFingerprint")
                    || MAKERS.contains(subject + "." + method);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] thrown) {
            String method = name.replaceAll("lambda\\$(\\w+)\\$\\d+", "$1");
            if (!isMaker(method)) {
                return new MethodVisitor(Opcodes.ASM9) {};
            }
            makers.add(subject + "." + method);
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitMethodInsn(int code, String of, String called, String with, boolean isInterface) {
                    boolean ofClass = of.equals("java/lang/Class") && called.endsWith("Name");
                    boolean ofObject =
                            of.equals("java/lang/String") && called.equals("valueOf") && with.contains("Object;)");
                    boolean itself =
                            called.equals("toString") && with.startsWith("()") && !of.equals("java/nio/file/Path");
                    if (ofClass || ofObject || itself) {
                        wrong.add(subject + "." + name + " calls " + of + "." + called);
                    }
                }

                @Override
                public void visitInvokeDynamicInsn(String called, String with, Handle by, Object... arguments) {
                    if (called.equals("makeConcatWithConstants")) {
                        Stream.of(Type.getArgumentTypes(with))
                                .filter(part -> part.getSort() == Type.OBJECT
                                        && !part.getClassName().equals("java.lang.String"))
                                .forEach(part -> wrong.add(subject + "." + name + " writes a " + part.getClassName()));
                    }
                }
            };
        }
    }
}
