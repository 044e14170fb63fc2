/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.amend4j.cuda.link.Reference.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Compiled against one version of the CUDA presets, this module runs with two: 13.1 where it has the card to itself, 11.6 in the
 * process of ND4J's CUDA backend. Every class, method and field of theirs that our class files name must be in both, with the
 * same descriptor and as static as we call it. All of our classes are held to it, not only those that meet 11.6 (package nd4j,
 * and {@code CudaDevice.missing}, {@code CompiledKernels} and what those use): {@code GpuProbe} looks at such machines too.
 */
class LinkTest {

    private static final Path PRESETS = Path.of("target", "presets");
    private static final Path OURS = Path.of("target", "classes");
    private static final String CUDA = "org/bytedeco/cuda/";
    private static final String JAVACPP = "org/bytedeco/javacpp/";
    private static final String[] ND4J_CUDA = {"org/nd4j/jita/", "org/nd4j/linalg/jcublas/"};
    private static final String CUDART = CUDA + "global/cudart";
    private static final String GET_DEVICE = "cuCtxGetDevice([I)I";

    @ParameterizedTest
    @ValueSource(strings = {"cuda-11.6.jar", "cuda-13.1.jar"})
    void everythingWeNeedOfThePresetsIsThere(String presets) throws IOException {
        assertEquals(List.of(), libraries(presets).missing(ours(), CUDA));
    }

    @Test
    void everythingWeNeedOfJavaCppAndNd4jsCudaBackendIsThere() throws IOException {
        Libraries libraries = libraries("javacpp.jar", "nd4j-cuda-11.6.jar");
        assertEquals(List.of(), libraries.missing(ours(), JAVACPP));
        assertEquals(List.of(), libraries.missing(ours(), ND4J_CUDA));
    }

    /** ND4J asks for JavaCPP 1.5.7; all of ours, the CPU backend included, runs with a newer one. */
    @Test
    void nd4jsCudaBackendAndItsPresetsLinkAgainstOurJavaCpp() throws IOException {
        Libraries libraries = libraries("javacpp.jar", "cuda-11.6.jar");
        assertEquals(List.of(), libraries.missing(in(PRESETS.resolve("cuda-11.6.jar")), JAVACPP));
        assertEquals(List.of(), libraries.missing(in(PRESETS.resolve("nd4j-cuda-11.6.jar")), JAVACPP, CUDA));
    }

    @Test
    void theTestSeesWhatWeCall() throws IOException {
        Set<String> members = new LinkedHashSet<>();
        ours().forEach(reference -> members.add(reference.owner() + "." + reference.member()));
        assertTrue(members.contains(CUDART + "." + GET_DEVICE), members.toString());
        assertTrue(members.contains(CUDA + "global/nvrtc.nvrtcGetCUBIN(L" + CUDA + "nvrtc/_nvrtcProgram;[B)I"));
        assertTrue(members.contains(CUDA + "cudart/CUstream_st.<init>(L" + JAVACPP + "Pointer;)V"));
        assertTrue(members.contains(
                "org/nd4j/linalg/jcublas/context/CudaContext.getCublasStream()L" + JAVACPP + "Pointer;"));
    }

    /** The twin: a version without one of the methods we call. */
    @Test
    void aRemovedMethodIsMissed() throws IOException {
        Libraries libraries = libraries("cuda-13.1.jar");
        libraries.remove(CUDART, GET_DEVICE);
        assertEquals(
                List.of(new Reference(
                        "org/amend4j/internal/cuda/driver/CompiledKernels", CUDART, GET_DEVICE, Kind.STATIC_METHOD)),
                libraries.missing(ours(), CUDA));
    }

    /** The twin for each kind of reference: a made-up class that asks for what no version has. */
    @ParameterizedTest
    @ValueSource(strings = {"cuda-11.6.jar", "cuda-13.1.jar"})
    void madeUpReferencesAreMissed(String presets) throws IOException {
        References references = new References();
        references.add(new ByteArrayInputStream(wrong()));
        List<String> missing = new ArrayList<>();
        libraries(presets).missing(references.found(), CUDA).forEach(reference -> missing.add(reference.toString()));
        assertEquals(
                List.of(
                        "wrong/Wrong needs class " + CUDA + "global/cudb",
                        "wrong/Wrong needs static method " + CUDART + ".cuInit(J)I",
                        "wrong/Wrong needs instance method " + CUDART + ".cuInit(I)I",
                        "wrong/Wrong needs static field " + CUDART + ".CUDA_SUCCESS:J"),
                missing);
    }

    /** A class with mistakes: a class and an overload that do not exist, a static method called on an object, a field's type. */
    private static byte[] wrong() {
        ClassWriter writer = new ClassWriter(0);
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "wrong/Wrong", null, "java/lang/Object", null);
        MethodVisitor code = writer.visitMethod(Opcodes.ACC_STATIC, "wrong", "()V", null, null);
        code.visitCode();
        code.visitTypeInsn(Opcodes.NEW, CUDA + "global/cudb");
        code.visitMethodInsn(Opcodes.INVOKESTATIC, CUDART, "cuInit", "(J)I", false);
        code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, CUDART, "cuInit", "(I)I", false);
        code.visitMethodInsn(Opcodes.INVOKESTATIC, CUDART, "cuInit", "(I)I", false);
        code.visitFieldInsn(Opcodes.GETSTATIC, CUDART, "CUDA_SUCCESS", "J");
        code.visitInsn(Opcodes.RETURN);
        code.visitMaxs(2, 0);
        code.visitEnd();
        writer.visitEnd();
        return writer.toByteArray();
    }

    private static Libraries libraries(String... jars) throws IOException {
        Libraries libraries = new Libraries(List.of(CUDA, JAVACPP, ND4J_CUDA[0], ND4J_CUDA[1]));
        libraries.addJar(PRESETS.resolve("javacpp.jar"));
        for (String jar : jars) {
            libraries.addJar(PRESETS.resolve(jar));
        }
        return libraries;
    }

    private static Set<Reference> ours() throws IOException {
        References references = new References();
        try (Stream<Path> files = Files.walk(OURS)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                try (InputStream stream = Files.newInputStream(file)) {
                    references.add(stream);
                }
            }
        }
        return references.found();
    }

    private static Set<Reference> in(Path jar) throws IOException {
        References references = new References();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                if (entry.getName().endsWith(".class") && !entry.getName().contains("module-info")) {
                    try (InputStream stream = file.getInputStream(entry)) {
                        references.add(stream);
                    }
                }
            }
        }
        return references.found();
    }
}
