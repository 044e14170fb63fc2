/* SPDX-License-Identifier: Apache-2.0 */
/** The running layers of transformers, their kinds, and how checkpoints become graphs. */
@NullMarked
package org.amend4j.internal.transformer;

import org.jspecify.annotations.NullMarked;
