/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where golden files are, and what is written beside them. */
final class Golden {

    /** A folder of resources for every release; each stays for all later ones. */
    static final List<String> RELEASES = List.of("before-0.1.0");

    /** The file that says whose arithmetic the numbers of a release are. */
    static final String ARITHMETIC = "arithmetic.txt";

    private Golden() {}

    /** A fresh copy of a part of a release, which a test may change. */
    static Path copy(String release, String part, Path temp) throws IOException {
        Path from = folder(release).resolve(part);
        Path to = temp.resolve(part.replace('/', '-'));
        copy(from, to);
        return to;
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** Removes what only keeps two writers apart. */
    static void removeLocks(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".lock")).toList()) {
                Files.delete(file);
            }
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    static Path folder(String release) {
        String marker = "/golden/" + release + '/' + ARITHMETIC;
        return Objects.requireNonNull(Path.of(
                        URI.create(String.valueOf(Objects.requireNonNull(Golden.class.getResource(marker), marker))))
                .getParent());
    }

    /**
     * Whether this JVM's exp, log, sin and cos have the bits they had where a release's files were written: all that is computed in
     * plain Java then has its bits too. Java allows them an error of one unit in the last place, and a processor of another kind
     * may make another one.
     */
    static boolean hasArithmeticOf(String release) throws IOException {
        return Files.readString(folder(release).resolve(ARITHMETIC)).strip().equals(arithmetic());
    }

    static String arithmetic() {
        Random random = new Random(5);
        long bits = 17;
        for (int i = 0; i < 4096; i++) {
            double x = 8 * random.nextDouble() - 4;
            for (double y : new double[] {Math.exp(x), Math.log(Math.abs(x)), Math.sin(x), Math.cos(x)}) {
                bits = 31 * bits + Double.doubleToLongBits(y);
            }
        }
        return HexFormat.of().toHexDigits(bits);
    }

    /** One number a line, exactly. */
    static void write(Path file, double... numbers) throws IOException {
        Files.write(file, Arrays.stream(numbers).mapToObj(Double::toString).toList());
    }

    static void write(Path file, INDArray numbers) throws IOException {
        write(file, numbers.ravel().toDoubleVector());
    }

    static double[] numbers(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** Files by name, their bytes in hexadecimal; those with one of these endings are left out. */
    static Map<String, String> bytes(Path folder, String... without) throws IOException {
        Map<String, String> bytes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                if (Arrays.stream(without).noneMatch(name::endsWith)) {
                    bytes.put(name, HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
            }
        }
        return bytes;
    }

    /** Numbers in (-1, 1), the same everywhere. */
    static double[] made(int count, long seed) {
        return new Random(seed).doubles(count, -1, 1).toArray();
    }

    static INDArray made(long seed, long... shape) {
        return Nd4j.create(made((int) Arrays.stream(shape).reduce(1, Math::multiplyExact), seed), shape, 'c');
    }

    /** Bits, as a text to compare. */
    static String bits(double... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * numbers.length);
        Arrays.stream(numbers).forEach(bytes::putDouble);
        return HexFormat.of().formatHex(bytes.array());
    }
}
