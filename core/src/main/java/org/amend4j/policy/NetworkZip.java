package org.amend4j.policy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.amend4j.model.Networks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A graph as Deeplearning4j's {@code ModelSerializer} writes it. Before Deeplearning4j reads one, the sizes it states are
 * checked against each other and against what is there, so that no more is allocated than in proportion to them.
 */
final class NetworkZip {

    private static final int MOST_CONFIGURATION_BYTES = 1 << 24;
    private static final long MOST_PARAMETERS = 1 << 27;
    private static final int MOST_SHAPE_NUMBERS = 32;

    /** ND4J's old name of the type INT64, which it still writes. */
    private static final String SHAPE_TYPE = "LONG";

    private NetworkZip() {}

    /** @throws PolicyFormatException if the file is no such graph */
    static ComputationGraph read(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            requireEntries(file, zip);
            requireSizes(file, zip);
        } catch (IOException | RuntimeException e) {
            throw e instanceof PolicyFormatException format ? format : unreadable(file, e);
        }
        try {
            return Networks.read(file);
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, e);
        }
    }

    private static PolicyFormatException unreadable(Path file, Exception e) {
        return new PolicyFormatException(
                file,
                "is no graph that Deeplearning4j wrote: "
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                e);
    }

    private static void requireEntries(Path file, ZipFile zip) throws PolicyFormatException {
        Set<String> names = new TreeSet<>();
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            String name = entries.nextElement().getName();
            if (!names.add(name)) {
                throw new PolicyFormatException(file, "entry '" + name + "' is there twice");
            }
        }
        Set<String> wanted = Set.of(ModelSerializer.CONFIGURATION_JSON, ModelSerializer.COEFFICIENTS_BIN);
        if (!names.equals(wanted)) {
            throw new PolicyFormatException(file, "entries must be " + new TreeSet<>(wanted) + ", got " + names);
        }
    }

    private static void requireSizes(Path file, ZipFile zip) throws IOException {
        ComputationGraphConfiguration configuration = configuration(file, zip);
        long parameters = 0;
        for (GraphVertex vertex : configuration.getVertices().values()) {
            parameters = Math.addExact(parameters, vertex.numParams(false));
        }
        if (parameters < 1 || parameters > MOST_PARAMETERS) {
            throw new PolicyFormatException(
                    file, "parameters must be in [1, " + MOST_PARAMETERS + "], got " + parameters);
        }
        try (DataInputStream stream =
                new DataInputStream(zip.getInputStream(zip.getEntry(ModelSerializer.COEFFICIENTS_BIN)))) {
            requireCoefficients(file, stream, configuration.getDataType(), parameters);
        }
    }

    private static ComputationGraphConfiguration configuration(Path file, ZipFile zip) throws IOException {
        try (InputStream stream = zip.getInputStream(zip.getEntry(ModelSerializer.CONFIGURATION_JSON))) {
            byte[] bytes = stream.readNBytes(MOST_CONFIGURATION_BYTES + 1);
            if (bytes.length > MOST_CONFIGURATION_BYTES) {
                throw new PolicyFormatException(
                        file, "the configuration must have at most " + MOST_CONFIGURATION_BYTES + " bytes");
            }
            return ComputationGraphConfiguration.fromJson(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /** Two buffers, each with kind, length and type before its numbers: the shape, then the parameters. */
    private static void requireCoefficients(Path file, DataInputStream stream, DataType type, long parameters)
            throws IOException {
        stream.readUTF();
        long shape = stream.readLong();
        if (shape < 0 || shape > MOST_SHAPE_NUMBERS || !stream.readUTF().equals(SHAPE_TYPE)) {
            throw new PolicyFormatException(file, "the parameters' shape is none");
        }
        stream.skipNBytes(shape * Long.BYTES);
        stream.readUTF();
        long length = stream.readLong();
        String found = stream.readUTF();
        if (length != parameters || !found.equals(type.name())) {
            throw new PolicyFormatException(
                    file,
                    "there must be " + parameters + " parameters of type " + type + " by the configuration, got "
                            + length + " of type " + found);
        }
        stream.skipNBytes(length * type.width());
        if (stream.read() >= 0) {
            throw new PolicyFormatException(file, "there is something behind the parameters");
        }
    }
}
