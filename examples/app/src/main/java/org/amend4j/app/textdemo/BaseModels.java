/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.text.ExportedModel;

/** The pretrained models, as folders in Hugging Face's layout; a folder that is there must be what would be written. */
public final class BaseModels {

    /** The encoder's file in the jar that Maven brings. */
    private static final String MINILM = "/all-minilm-l6-v2.onnx";

    private static final String AUSTEN = "/org/amend4j/app/austen/";

    private BaseModels() {}

    /** Writes all-MiniLM-L6-v2, 22.6 million weights, made of its ONNX export. */
    public static void writeMiniLm(Path folder) throws IOException {
        URL found = BaseModels.class.getResource(MINILM);
        if (found == null || !(found.openConnection() instanceof JarURLConnection inJar)) {
            throw new IOException("the jar with " + MINILM + " is missing from the class path");
        }
        try {
            Path jar = Path.of(inJar.getJarFileURL().toURI());
            WholeFolder.writeOrCompare(folder, ExportedModel.read(jar, Optional.empty())::save);
        } catch (URISyntaxException impossible) {
            throw new IOException("not a file: " + inJar.getJarFileURL(), impossible);
        }
    }

    /** The small Llama that {@code text pretrain} made of Jane Austen's novels. */
    static void writeAusten(Path folder) throws IOException {
        WholeFolder.writeOrCompare(folder, to -> {
            for (String file : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
                try (InputStream in =
                        Objects.requireNonNull(BaseModels.class.getResourceAsStream(AUSTEN + file), AUSTEN + file)) {
                    Files.copy(in, to.resolve(file));
                }
            }
        });
    }
}
