/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.backend.ElementType;

/**
 * Kernels in C-style CUDA, and what they are called with. The signatures are read from the text itself, so that arguments are
 * checked against what is compiled.
 *
 * @param name the file's name without ending
 * @param text the whole source
 * @param kernels the kernels declared in it, in order; at least one
 */
public record KernelSource(String name, String text, List<KernelSignature> kernels) {

    private static final String FOLDER = "/org/amend4j/cuda/kernels/";
    private static final Pattern KERNEL =
            Pattern.compile("extern\\s+\"C\"\\s+__global__\\s+void\\s+(\\w+)\\s*\\(([^)]*)\\)");
    /** What rows hold where a source says VALUE; the first definition holds. */
    private static final Pattern VALUE = Pattern.compile("#define VALUE (\\w[\\w ]*)");

    private static final Pattern INCLUDE = Pattern.compile("#include \"(\\w+\\.cuh)\"");
    private static final Pattern LEAST = Pattern.compile("#define LEAST_ARCHITECTURE (\\d+)");
    private static final int OLDEST = 75;
    private static final Pattern PARAMETER = Pattern.compile("(.*\\W)(\\w+)", Pattern.DOTALL);

    public KernelSource {
        kernels = List.copyOf(kernels);
    }

    /**
     * Reads the signatures of a source.
     *
     * @throws IllegalArgumentException if it has no kernel, two of one name, or a parameter of another type than {@link
     *     Parameter.Kind} has
     */
    public static KernelSource of(String name, String text) {
        List<KernelSignature> kernels = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Matcher value = VALUE.matcher(text);
        String ofRows = value.find() ? value.group(1) : "VALUE";
        Matcher matcher = KERNEL.matcher(text);
        while (matcher.find()) {
            if (!names.add(matcher.group(1))) {
                throw new IllegalArgumentException("kernel '" + matcher.group(1) + "' is twice in " + name);
            }
            String list = matcher.group(2).replaceAll("\\bVALUE\\b", ofRows);
            kernels.add(new KernelSignature(matcher.group(1), parameters(matcher.group(1), list)));
        }
        if (kernels.isEmpty()) {
            throw new IllegalArgumentException("no extern \"C\" __global__ void in " + name);
        }
        return new KernelSource(name, text, kernels);
    }

    /** A source among this module's resources, after the prelude that all of them share; headers stand where it includes them. */
    public static KernelSource resource(String name) {
        return of(name, read("prelude.cuh") + "\n#line 1 \"" + name + ".cu\"\n" + withHeaders(name + ".cu"));
    }

    /**
     * A source whose rows hold numbers of a type.
     *
     * @param type FLOAT or BFLOAT16
     * @throws IllegalArgumentException if it is another, or the source knows floats only
     */
    public static KernelSource resource(String name, ElementType type) {
        KernelSource floats = resource(name);
        if (type == ElementType.FLOAT) {
            return floats;
        }
        if (type != ElementType.BFLOAT16 || !floats.hasRowsOfAnyType()) {
            throw new IllegalArgumentException("the kernels of " + name + " take no rows of " + type);
        }
        return of(name + "_bf16", "#define VALUE unsigned short\n" + floats.text);
    }

    /** Whether it can be compiled for rows of floats and for rows of bfloat16 numbers. */
    public boolean hasRowsOfAnyType() {
        return text.contains("VALUE *");
    }

    private static String withHeaders(String file) {
        StringBuilder text = new StringBuilder();
        int number = 0;
        for (String line : read(file).split("\n", -1)) {
            number++;
            Matcher include = INCLUDE.matcher(line);
            if (include.matches()) {
                String header = include.group(1);
                text.append("#line 1 \"").append(header).append("\"\n").append(read(header));
                text.append("#line ")
                        .append(number + 1)
                        .append(" \"")
                        .append(file)
                        .append("\"\n");
            } else {
                text.append(line).append('\n');
            }
        }
        return text.toString();
    }

    /** The compute capability that a card needs at least, 80 for 8.0. */
    public int leastArchitecture() {
        Matcher matcher = LEAST.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : OLDEST;
    }

    private static String read(String file) {
        try (InputStream stream = KernelSource.class.getResourceAsStream(FOLDER + file)) {
            if (stream == null) {
                throw new IllegalArgumentException("no kernel source " + FOLDER + file);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Parameter> parameters(String kernel, String list) {
        List<Parameter> parameters = new ArrayList<>();
        for (String declaration : list.split(",", -1)) {
            Matcher matcher = PARAMETER.matcher(declaration.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "parameter '" + declaration.strip() + "' of " + kernel + " has no name");
            }
            parameters.add(new Parameter(kind(kernel, matcher.group(1)), matcher.group(2)));
        }
        return parameters;
    }

    private static Parameter.Kind kind(String kernel, String type) {
        String plain = type.replace("__restrict__", "").replaceAll("\\s+", "");
        for (Parameter.Kind kind : Parameter.Kind.values()) {
            if (kind.spelling().replace(" ", "").equals(plain)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("kernel " + kernel + " has a parameter of type '" + type.strip() + "'");
    }
}
