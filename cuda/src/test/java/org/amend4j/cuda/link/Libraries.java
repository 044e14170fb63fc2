/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.amend4j.cuda.link.Reference.Kind;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Jars that classes are linked against, as the JVM would: a member may be inherited. A class that none of the jars has is
 * looked for among the test's own, unless its name begins with one of the prefixes that only the jars may serve.
 */
final class Libraries {

    /** A class's parents and members, which are named with their descriptors; the value says whether one is static. */
    private record Facts(List<String> parents, Map<String, Boolean> members) {}

    private final Map<String, Facts> classes = new HashMap<>();
    private final List<String> ownPrefixes;

    Libraries(List<String> ownPrefixes) {
        this.ownPrefixes = ownPrefixes;
    }

    void addJar(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Enumeration<JarEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class") && !entry.getName().startsWith("META-INF/")) {
                    try (InputStream stream = file.getInputStream(entry)) {
                        add(stream);
                    }
                }
            }
        }
    }

    void add(InputStream classFile) throws IOException {
        ClassReader reader = new ClassReader(classFile);
        classes.put(reader.getClassName(), facts(reader));
    }

    /** Forgets a member, as if a version did not have it. */
    void remove(String owner, String member) {
        classes.get(owner).members().remove(member);
    }

    /** The references to classes with one of the prefixes that cannot be resolved. */
    List<Reference> missing(Collection<Reference> references, String... prefixes) {
        List<Reference> missing = new ArrayList<>();
        for (Reference reference : references) {
            if (List.of(prefixes).stream().anyMatch(reference.owner()::startsWith) && !resolves(reference)) {
                missing.add(reference);
            }
        }
        return missing;
    }

    private boolean resolves(Reference reference) {
        if (reference.kind() == Kind.CLASS) {
            return facts(reference.owner()).isPresent();
        }
        return find(reference.owner(), reference.member())
                .map(isStatic -> isStatic == reference.kind().isStatic())
                .orElse(false);
    }

    /** Whether the member is static, looked for in the class and what it inherits from. */
    private Optional<Boolean> find(String owner, String member) {
        Optional<Facts> facts = facts(owner);
        if (facts.isEmpty()) {
            return Optional.empty();
        }
        Boolean isStatic = facts.get().members().get(member);
        if (isStatic != null) {
            return Optional.of(isStatic);
        }
        return facts.get().parents().stream()
                .map(parent -> find(parent, member))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Facts> facts(String name) {
        Facts known = classes.get(name);
        if (known == null && ownPrefixes.stream().noneMatch(name::startsWith)) {
            try (InputStream stream = ClassLoader.getSystemResourceAsStream(name + ".class")) {
                if (stream != null) {
                    known = facts(new ClassReader(stream));
                    classes.put(name, known);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Optional.ofNullable(known);
    }

    private static Facts facts(ClassReader reader) {
        List<String> parents = new ArrayList<>(List.of(reader.getInterfaces()));
        if (reader.getSuperName() != null) {
            parents.add(0, reader.getSuperName());
        }
        Map<String, Boolean> members = new HashMap<>();
        reader.accept(new Members(members), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
        return new Facts(parents, members);
    }

    /** Collects what classes of other packages may use. */
    private static final class Members extends ClassVisitor {

        private static final int USABLE = Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED;

        private final Map<String, Boolean> members;

        Members(Map<String, Boolean> members) {
            super(Opcodes.ASM9);
            this.members = members;
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String sign, String[] thrown) {
            put(access, name + descriptor);
            return null;
        }

        @Override
        public FieldVisitor visitField(int access, String name, String descriptor, String sign, Object value) {
            put(access, name + ":" + descriptor);
            return null;
        }

        private void put(int access, String member) {
            if ((access & USABLE) != 0) {
                members.put(member, (access & Opcodes.ACC_STATIC) != 0);
            }
        }
    }
}
