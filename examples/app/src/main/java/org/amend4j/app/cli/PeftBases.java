/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.text.TextRecord;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.PeftBase;

/** What an adapter says of its base, so that PEFT opens both by the adapter alone. */
final class PeftBases {

    private PeftBases() {}

    /**
     * An adapter of a model in Hugging Face's folder, which is called as on the command line.
     *
     * @param folder empty for a model of Deeplearning4j's, of which PEFT knows nothing
     * @param made what an encoder's head was made with
     */
    static AdapterContent opened(AdapterContent adapter, Optional<Path> folder, Optional<TextRecord> made) {
        boolean other = made.flatMap(TextRecord::pooling).isPresent(); // no class of Hugging Face's is like that
        return folder.isEmpty() || other
                ? adapter
                : adapter.openedOn(new PeftBase(name(folder.get()), architecture(folder.get(), made)));
    }

    /** A name that begins with a dot is a folder's: without one Hugging Face's hub may have a model called so. */
    static String name(Path folder) {
        boolean ofHub = !folder.isAbsolute() && !folder.toString().startsWith(".");
        return ofHub ? "./" + folder : folder.toString();
    }

    private static String architecture(Path folder, Optional<TextRecord> made) {
        TransformerConfig config = Models.configuration(folder);
        if (made.isEmpty() || !(config instanceof EncoderConfig encoder)) {
            return config.architecture();
        }
        EncoderHead head = made.get().saysMaskedWords()
                ? new EncoderHead.MaskedTokens()
                : new EncoderHead.Classifier(made.get().classes());
        return encoder.withHead(head).architecture();
    }
}
