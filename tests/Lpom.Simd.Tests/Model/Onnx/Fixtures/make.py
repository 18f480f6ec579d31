#!/usr/bin/python3
"""Makes the models beside this file, as PyTorch and scikit-learn's converter write them, and expected.json: what PyTorch and scikit-learn
compute. Made once, by Debian 12's python3-torch 1.13.1, python3-sklearn 1.2.1 and python3-onnx 1.12.0; the tests need none of them."""
import json, os, warnings
import numpy as np
import onnx
import torch
from onnx import TensorProto as T, helper
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn

os.chdir(os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter('ignore')
torch.manual_seed(1)
expected = {}


def tell(name, inputs, outputs):
    flat = lambda a: np.asarray(a, dtype=np.float32).reshape(len(a), -1).tolist()
    expected[name] = {'inputs': flat(inputs), 'outputs': flat(outputs)}


def export(name, net, shape, **options):
    x = torch.randn(5, *shape)
    net.eval()
    tell(name, x.numpy(), net(x).detach().numpy())
    torch.onnx.export(net, x[:1], f'{name}.onnx', input_names=['input'], output_names=['output'],
                      dynamic_axes={'input': {0: 'batch'}, 'output': {0: 'batch'}}, **options)


class View(nn.Module):
    def forward(self, x):
        return x.view(-1, 6)


# Flatten, Gemm, LogSoftmax.
export('pytorch-classifier', nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.ReLU(), nn.Dropout(0.2), nn.Linear(5, 4), nn.LeakyReLU(0.01),
                                           nn.Linear(4, 3), nn.LogSoftmax(dim=1)), (2, 3), opset_version=13)
# Every activation; a layer without bias is MatMul; the bounds of Clip are Constant nodes.
export('pytorch-activations', nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 5, bias=False), nn.Hardsigmoid(), nn.Linear(5, 5), nn.Hardtanh(),
                                            nn.Linear(5, 5), nn.ELU(), nn.Linear(5, 5), nn.Softplus(), nn.Linear(5, 5), nn.Sigmoid(), nn.Linear(5, 5),
                                            nn.Hardtanh(0, 1), nn.Linear(5, 5), nn.LeakyReLU(0.2), nn.Identity(), nn.Linear(5, 3), nn.Softmax(dim=1)),
       (6,), opset_version=17)
# The oldest form: bounds of Clip as attributes, dropouts as in training, initialisers among the inputs, a view.
export('pytorch-opset9', nn.Sequential(View(), nn.Linear(6, 5), nn.Hardtanh(), nn.Dropout(0.5), nn.Linear(5, 3)), (2, 3), opset_version=9,
       training=torch.onnx.TrainingMode.TRAINING, keep_initializers_as_inputs=True, do_constant_folding=False)
# Transpose and MatMul, as without constant folding; equal biases are one initialiser and Identity nodes.
twins = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4, bias=False))
for layer in (twins[0], twins[2]):
    nn.init.zeros_(layer.bias)
export('pytorch-unfolded', twins, (6,), opset_version=14, do_constant_folding=False)
export('pytorch-convolution', nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2)), (1, 4, 4), opset_version=13)

# As torch.onnx.export(dynamo=True) writes a model by default: with the data in a file of its own.
model = onnx.load('pytorch-unfolded.onnx')
onnx.save(model, 'external.onnx', save_as_external_data=True, location='external.onnx.data', size_threshold=0)
os.remove('external.onnx.data')


def sklearn_layers(net, out):
    """The nodes of sklearn-onnx's operator_converters/multilayer_perceptron.py; its initialisers are in float_data."""
    nodes, constants, value = [helper.make_node('Cast', ['X'], ['cast_input'], 'Cast', to=T.FLOAT)], [], 'cast_input'
    operators = {'relu': 'Relu', 'logistic': 'Sigmoid', 'tanh': 'Tanh', 'identity': 'Identity', 'softmax': 'Softmax'}
    for i, (w, b) in enumerate(zip(net.coefs_, net.intercepts_)):
        n = str(i or '')
        constants += [helper.make_tensor(f'coefficient{n}', T.FLOAT, w.shape, w.ravel()), helper.make_tensor(f'intercepts{n}', T.FLOAT, [1, len(b)], b)]
        nodes += [helper.make_node('MatMul', [value, f'coefficient{n}'], [f'mul_result{n}'], f'MatMul{n}'),
                  helper.make_node('Add', [f'mul_result{n}', f'intercepts{n}'], [f'add_result{n}'], f'Add{n}')]
        last = i == len(net.coefs_) - 1
        value = out if last else f'next_activations{n}'
        nodes += [helper.make_node(operators[net.out_activation_ if last else net.activation], [f'add_result{n}'], [value], value)]
    return nodes, constants


def save(name, nodes, constants, outputs):
    graph = helper.make_graph(nodes, 'lpom', [helper.make_tensor_value_info('X', T.FLOAT, [None, 4])], outputs, constants)
    model = helper.make_model(graph, producer_name='skl2onnx', producer_version='1.14.0', ir_version=8,
                              opset_imports=[helper.make_opsetid('ai.onnx.ml', 1), helper.make_opsetid('', 15)])
    onnx.checker.check_model(model)
    onnx.save(model, f'{name}.onnx')


rng = np.random.default_rng(1)
x = rng.normal(size=(60, 4)).astype(np.float32)
classes = np.argmax(x[:, :3], axis=1)
classifier = MLPClassifier((6, 5), solver='lbfgs', max_iter=500, random_state=1).fit(x, classes)
nodes, constants = sklearn_layers(classifier, 'out_activations_result')
nodes += [helper.make_node('Identity', ['out_activations_result'], ['probabilities'], 'Identity'),
          helper.make_node('ArgMax', ['probabilities'], ['argmax_output'], 'ArgMax', axis=1),
          helper.make_node('ArrayFeatureExtractor', ['classes', 'argmax_output'], ['array_feature_extractor_result'], 'ArrayFeatureExtractor', domain='ai.onnx.ml'),
          helper.make_node('Reshape', ['array_feature_extractor_result', 'shape_tensor'], ['reshaped_result'], 'Reshape'),
          helper.make_node('Cast', ['reshaped_result'], ['output_label'], 'Cast1', to=T.INT64),
          helper.make_node('ZipMap', ['probabilities'], ['output_probability'], 'ZipMap', domain='ai.onnx.ml', classlabels_int64s=[0, 1, 2])]
constants += [helper.make_tensor('classes', T.INT32, [3], [0, 1, 2]), helper.make_tensor('shape_tensor', T.INT64, [1], [-1])]
maps = onnx.ValueInfoProto(name='output_probability')
maps.type.sequence_type.elem_type.map_type.key_type = T.INT64
maps.type.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = T.FLOAT
save('sklearn-classifier', nodes, constants, [helper.make_tensor_value_info('output_label', T.INT64, [None]), maps])
tell('sklearn-classifier', x[:5], classifier.predict_proba(x[:5]))

regressor = MLPRegressor((5,), activation='tanh', max_iter=50, random_state=1).fit(x, x[:, 0] - x[:, 3])
nodes, constants = sklearn_layers(regressor, 'out_activations_result')
nodes += [helper.make_node('Reshape', ['out_activations_result', 'shape_tensor'], ['variable'], 'Reshape')]
constants += [helper.make_tensor('shape_tensor', T.INT64, [2], [-1, 1])]
save('sklearn-regressor', nodes, constants, [helper.make_tensor_value_info('variable', T.FLOAT, [None, 1])])
tell('sklearn-regressor', x[:5], regressor.predict(x[:5]))

with open('expected.json', 'w') as file:
    json.dump(expected, file, indent=0)
    file.write('\n')
