/** What a way to forget promises about the loss on the records that are retained: its value, its gradient, with noise. Numbers only. */
@NullMarked
package org.amend4j.performance;

import org.jspecify.annotations.NullMarked;
