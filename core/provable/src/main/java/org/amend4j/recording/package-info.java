/**
 * Records a user's own training by Deeplearning4j's {@code fit} so that it can be replayed: its recipe and its checkpoints.
 * An unlearning service can adopt a recorded model, bit for bit.
 */
@NullMarked
package org.amend4j.recording;

import org.jspecify.annotations.NullMarked;
