/* SPDX-License-Identifier: Apache-2.0 */
/** Training in minibatches, computed by plans on any backend; PyTorch's Adam for {@code fit}. */
@NullMarked
package org.amend4j.training;

import org.jspecify.annotations.NullMarked;
