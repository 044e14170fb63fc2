/** What to adapt and how, with the meaning that Hugging Face PEFT gives it. */
@NullMarked
package org.amend4j.lora.config;

import org.jspecify.annotations.NullMarked;
