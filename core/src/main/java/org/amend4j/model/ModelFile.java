package org.amend4j.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Reads Deeplearning4j's zip files and says in one sentence why one cannot be read. */
final class ModelFile {

    private static final long MAX_CONFIGURATION_BYTES = 256L << 20;

    private ModelFile() {}

    static ComputationGraph read(Path file) throws IOException {
        boolean graph = isGraph(file);
        try {
            return graph
                    ? ModelSerializer.restoreComputationGraph(file.toFile(), false)
                    : Networks.asGraph(ModelSerializer.restoreMultiLayerNetwork(file.toFile(), false));
        } catch (RuntimeException | IOException e) {
            throw new IOException("cannot read a Deeplearning4j model from " + file + ": " + oneLine(e), e);
        }
    }

    /** A graph's configuration has "vertices", a multi-layer network's has "confs". */
    private static boolean isGraph(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(ModelSerializer.CONFIGURATION_JSON);
            if (entry == null || entry.getSize() > MAX_CONFIGURATION_BYTES) {
                throw new IOException("cannot read a Deeplearning4j model from " + file + ": the zip has no usable "
                        + ModelSerializer.CONFIGURATION_JSON);
            }
            String json = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
            JsonNode configuration = new ObjectMapper().readTree(json);
            if (configuration.has("vertices")) {
                return true;
            }
            if (configuration.has("confs")) {
                return false;
            }
            throw new IOException("cannot read a Deeplearning4j model from " + file
                    + ": its configuration is neither a ComputationGraph's nor a MultiLayerNetwork's");
        } catch (java.util.zip.ZipException e) {
            throw new IOException("cannot read a Deeplearning4j model from " + file + ": it is not a zip file", e);
        }
    }

    private static String oneLine(Throwable problem) {
        String message = problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
        return message.lines().findFirst().orElse(problem.getClass().getSimpleName());
    }
}
