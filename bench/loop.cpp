// llama.cpp's own greedy loop, as short as it can be written: tokens a second on stdout.
//   loop MODEL THREADS TOKENS CONTEXT PROMPT_TOKEN...
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "llama.h"

int main(int argc, char ** argv) {
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();
    llama_model_params mp = llama_model_default_params();
    llama_model * model = llama_model_load_from_file(argv[1], mp);
    const int tokens = std::atoi(argv[3]);
    llama_context_params cp = llama_context_default_params();
    cp.n_ctx = std::atoi(argv[4]);
    cp.n_batch = cp.n_ubatch = 512;
    cp.n_threads = cp.n_threads_batch = std::atoi(argv[2]);
    cp.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    llama_context * ctx = llama_init_from_model(model, cp);
    llama_sampler * greedy = llama_sampler_init_greedy();
    std::vector<llama_token> prompt;
    for (int i = 5; i < argc; i++) prompt.push_back(std::atoi(argv[i]));
    for (size_t at = 0; at < prompt.size(); at += 512) {
        const int n = (int) std::min<size_t>(512, prompt.size() - at);
        if (llama_decode(ctx, llama_batch_get_one(prompt.data() + at, n))) return 1;
    }
    llama_token token = llama_sampler_sample(greedy, ctx, -1);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 1; i < tokens; i++) {
        if (llama_decode(ctx, llama_batch_get_one(&token, 1))) return 1;
        token = llama_sampler_sample(greedy, ctx, -1);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%.3f\n", (tokens - 1) / took.count());
}
