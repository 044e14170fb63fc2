/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.data.Labelled;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The results that another process gets from the saved files. Its JSON report has these names.
 *
 * @param unmerged share of right test answers with the adapter on the frozen base
 * @param merged the same with the adapter folded into a plain Deeplearning4j network
 */
public record Reloaded(double unmerged, double merged) {

    private static final int BATCH = 50;

    /** Loads base model and adapter from the demo's output folder, and tests both forms in this process. */
    public static Reloaded here(Path out) throws IOException {
        BaseModel base = BaseModel.open(DemoFiles.base(out));
        FineTuneConfiguration noTraining =
                new FineTuneConfiguration.Builder().updater(new Sgd(0)).build();
        AdaptedModel model = AdaptedModel.load(base, DemoFiles.methods(out).adapter(), noTraining);
        Labelled pictures = FashionPictures.test(FashionDemo.SIDE);

        double unmerged = aboveFrozenLayers(model, pictures).share();
        ComputationGraph plain = model.merge().network();
        return new Reloaded(unmerged, Accuracy.of(plain, pictures, BATCH).share());
    }

    /** The frozen layers as a plan, the rest as a graph: as it was trained. */
    private static Accuracy aboveFrozenLayers(AdaptedModel model, Labelled pictures) {
        HostPrefix frozen = model.prefix().orElseThrow();
        return Accuracy.of(pictures, BATCH, batch -> {
            INDArray[] below = frozen.run(pictures.batch(batch).getFeatures());
            return model.tail().outputSingle(below).dup('c').data().asFloat();
        });
    }

    /**
     * Has a second JVM with the same class path do {@link #here} and reads its answer.
     *
     * @throws IOException if it cannot be started or fails
     */
    static Reloaded inSecondProcess(Path out) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(List.of(
                        java,
                        "-Djava.awt.headless=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.amend4j.app.cli.Amend4j",
                        "reload",
                        "--json",
                        "--from",
                        out.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream answer = process.getInputStream()) {
            byte[] json = answer.readAllBytes();
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("the second process failed with exit code " + code);
            }
            JsonNode facts = new ObjectMapper().readTree(json);
            return new Reloaded(
                    facts.path("unmerged").asDouble(), facts.path("merged").asDouble());
        } catch (InterruptedException stopped) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the second process", stopped);
        }
    }
}
