/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The numbers in a release, read without the libraries that wrote them: a network of Deeplearning4j ({@code model.zip}, all of it
 * learnt), or an adapter ({@code adapter_model.safetensors}, of which factors can be frozen).
 *
 * @param arrays the doubles of each array
 * @param all whether every one of them was learnt
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record ReleasedParameters(List<double[]> arrays, boolean all) {

    private static final String NETWORK = "model.zip";
    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";
    private static final String ADAPTER = "adapter_model.safetensors";
    private static final int LARGEST = 1 << 28;

    /**
     * Of a release's folder; empty if there is no file that can be read.
     *
     * @throws IOException if there is one, and it is damaged
     */
    static Optional<ReleasedParameters> of(Path folder) throws IOException {
        if (Files.isRegularFile(folder.resolve(NETWORK))) {
            return Optional.of(new ReleasedParameters(List.of(network(folder.resolve(NETWORK))), true));
        }
        if (Files.isRegularFile(folder.resolve(ADAPTER))) {
            return Optional.of(new ReleasedParameters(adapter(folder.resolve(ADAPTER)), false));
        }
        return Optional.empty();
    }

    private static double[] network(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Set<String> names = zip.stream().map(ZipEntry::getName).collect(Collectors.toSet());
            if (zip.size() > names.size()
                    || !Set.of(CONFIGURATION, COEFFICIENTS).containsAll(names)) {
                throw new IOException(file + " must hold " + CONFIGURATION + " and " + COEFFICIENTS + " alone, got "
                        + zip.stream().map(ZipEntry::getName).sorted().toList());
            }
            ZipEntry entry = zip.getEntry(COEFFICIENTS);
            if (entry == null) {
                throw new IOException(file + " has no " + COEFFICIENTS);
            }
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(zip.getInputStream(entry)))) {
                long shape = header(in, "LONG");
                in.skipNBytes(shape * Long.BYTES);
                double[] values = new double[(int) header(in, "DOUBLE")];
                byte[] bytes = in.readNBytes(values.length * Double.BYTES);
                if (bytes.length < values.length * Double.BYTES) {
                    throw new IOException(file + " ends too early");
                }
                if (in.read() >= 0) {
                    throw new IOException(file + " has more than its parameters in " + COEFFICIENTS);
                }
                ByteBuffer.wrap(bytes).asDoubleBuffer().get(values);
                return values;
            }
        }
    }

    /** The length of an ND4J buffer; its header holds the allocation mode, length and type. */
    private static long header(DataInputStream in, String type) throws IOException {
        in.readUTF();
        long length = in.readLong();
        String found = in.readUTF();
        if (!found.equals(type) || length < 0 || length > LARGEST) {
            throw new IOException(
                    "its coefficients must be " + type + ", at most 2^28, got " + length + " of " + found);
        }
        return length;
    }

    private static List<double[]> adapter(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            ByteBuffer length = ByteBuffer.wrap(in.readNBytes(Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            long header = length.remaining() == Long.BYTES ? length.getLong() : -1;
            if (header < 2 || header > Files.size(file) - Long.BYTES) {
                throw new IOException(file + " has no header");
            }
            List<TensorHeader.Tensor> tensors = TensorHeader.read(in.readNBytes((int) header));
            byte[] data = in.readNBytes(LARGEST);
            List<double[]> arrays = new ArrayList<>();
            for (TensorHeader.Tensor tensor : tensors) {
                requireDoubles(file, tensor);
                arrays.add(doubles(data, tensor.from(), tensor.to()));
            }
            return arrays;
        }
    }

    private static void requireDoubles(Path file, TensorHeader.Tensor tensor) throws IOException {
        if (!tensor.type().equals("F64")) {
            throw new IOException(file + " must hold tensors of F64 alone, got " + tensor.type() + " for "
                    + Quoted.of(tensor.name()));
        }
    }

    private static double[] doubles(byte[] data, long from, long to) throws IOException {
        if (from < 0 || to < from || to > data.length) {
            throw new IOException("a tensor is outside of its file");
        }
        double[] values = new double[(int) ((to - from) / Double.BYTES)];
        ByteBuffer.wrap(data, (int) from, (int) (to - from))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(values);
        return values;
    }

    /** How many numbers there are in arrays that hold only multiples of a step, of at most a size. */
    long onGrid(double step, double most) {
        return arrays.stream()
                .filter(array -> isOnGrid(array, step, most))
                .mapToLong(array -> array.length)
                .sum();
    }

    private static boolean isOnGrid(double[] array, double step, double most) {
        for (double value : array) {
            double multiple = value / step;
            if (!(Math.abs(value) <= most) || multiple != Math.rint(multiple)) {
                return false;
            }
        }
        return true;
    }

    long size() {
        return arrays.stream().mapToLong(array -> array.length).sum();
    }
}
